/** H26: everything an error reply must be, for each way to get one, and each combination of what it has to copy. */
import { behaviours } from '@tridot/testbed';
import { deepEqual, equal, ok } from '../assert.ts';
import { query } from '../bytes/build.ts';
import { FLAG, RCODE, TYPE } from '../bytes/numbers.ts';
import { hasFlag, read, readHeader } from '../bytes/read.ts';
import { BOTH, type ConformanceCase } from '../case.ts';
import type { CaseContext } from '../context.ts';
import { errorReply } from '../expectations.ts';

/** What may be said to a zone transfer that is not done. */
export const REFUSALS: readonly number[] = [RCODE.NOTIMP, RCODE.REFUSED, RCODE.FORMERR, RCODE.SERVFAIL];

interface Asked {
  readonly name: string;
  readonly flags: number;
  readonly opt?: { dnssecOk: boolean; z: number };
}

interface Kind {
  readonly slug: string;
  /** Completes "into …". */
  readonly what: string;
  readonly rcodes: readonly number[];
  readonly make: (asked: Asked) => Buffer;
  readonly before?: (context: CaseContext) => void;
  /** The query is broken: whether its question can be read is the subject's to say. */
  readonly broken?: boolean;
  /** Why no peer copies into it what it has to, by whether the query has an OPT. */
  readonly oursAlone?: { readonly withOpt: string };
}

const KINDS: readonly Kind[] = [
  {
    slug: 'formerr',
    what: 'FORMERR',
    rcodes: [RCODE.FORMERR],
    make: brokenBehindItsQuestion,
    broken: true,
    oursAlone: {
      withOpt:
        "dnsdist leaves the OPT out, unbound's reply is broken itself, the others say nothing or answer",
    },
  },
  {
    slug: 'refusal',
    what: 'its refusal of a zone transfer',
    rcodes: REFUSALS,
    make: (asked) => query({ ...asked, type: TYPE.AXFR }),
  },
  {
    slug: 'servfail',
    what: 'SERVFAIL',
    rcodes: [RCODE.SERVFAIL],
    make: (asked) => query(asked),
    before: (context) => context.upstream.behave(behaviours.resetAfter(0)),
  },
];

const SETUP = { settings: { queryTimeoutMs: 1_000 }, fresh: true };

export const ERROR_REPLY_CASES: readonly ConformanceCase[] = [
  ...KINDS.flatMap((kind) =>
    [FLAG.RD, 0].flatMap((rd) => [false, true].map((withOpt) => copies(kind, rd, withOpt))),
  ),
  ...KINDS.map(recursionAvailable),
  {
    id: 'H26.formerr-question',
    level: 'MUST',
    reference: 'RFC 1035 §4.1.1',
    title: 'MUST repeat in FORMERR a question that can be read',
    transports: BOTH,
    async run(context) {
      const asked = brokenBehindItsQuestion({ name: context.qname('MiXeD'), flags: FLAG.RD });
      const reply = await context.ask(asked);
      equal(reply.rcode, RCODE.FORMERR, 'rcode');
      deepEqual(reply.questionBytes, asked.subarray(12, 12 + reply.questionBytes.length), 'the question');
      equal(reply.questions.length, 1, 'one question');
    },
  },
];

function copies(kind: Kind, rd: number, withOpt: boolean): ConformanceCase {
  const { slug, what, rcodes, make, before, broken = false, oursAlone } = kind;
  return {
    id: `H26.${slug}${withOpt ? '-opt' : ''}${rd === 0 ? '-no-rd' : ''}`,
    level: 'MUST',
    reference: 'RFC 1035 §4.1.1, RFC 4035 §3.2.2, RFC 3225 §3, RFC 6891 §7',
    title: `MUST copy ID, opcode, RD=${rd === 0 ? 0 : 1}, CD${withOpt ? ', DO' : ''} and the question into ${what}, with ${withOpt ? 'an' : 'no'} OPT`,
    ...(withOpt && oursAlone !== undefined ? { oursAlone: oursAlone.withOpt } : {}),
    transports: BOTH,
    setup: SETUP,
    async run(context) {
      before?.(context);
      const flags = [rd, rd | FLAG.CD, rd | FLAG.AD | FLAG.Z | FLAG.AA | FLAG.RA];
      const combinations = flags.flatMap((each) =>
        (withOpt ? [true, false] : [false]).map((dnssecOk) => ({ flags: each, dnssecOk })),
      );
      await Promise.all(
        combinations.map(async (combination) => {
          const { dnssecOk } = combination;
          const edns = withOpt ? { opt: { dnssecOk, z: 0x4000 } } : {};
          const asked = make({ name: context.qname('MiXeD'), flags: combination.flags, ...edns });
          const reply = await context.ask(asked);
          ok(rcodes.includes(reply.rcode), `rcode ${reply.rcode}`);
          errorReply(asked, reply, reply.rcode, broken ? { opt: withOpt, dnssecOk } : {});
          const length = reply.questionBytes.length;
          deepEqual(reply.questionBytes, asked.subarray(12, 12 + length), 'the question octet for octet');
          if (!broken) equal(read(asked).questionBytes.length, length, 'the whole question');
        }),
      );
    },
  };
}

function recursionAvailable({ slug, what, make, before }: Kind): ConformanceCase {
  return {
    id: `H26.${slug}-ra`,
    level: 'MUST',
    reference: 'RFC 1035 §4.1.1',
    title: `MUST say in ${what} that recursion is available`,
    transports: BOTH,
    setup: SETUP,
    async run(context) {
      before?.(context);
      const asked = make({ name: context.qname(), flags: FLAG.RD });
      ok(hasFlag(readHeader(await context.askRaw(asked)), 'RA'), 'RA=1');
    },
  };
}

/** A record is announced that is not there, behind a question (and an OPT) that can be read. */
function brokenBehindItsQuestion(asked: Asked): Buffer {
  return query({ ...asked, additionals: [], counts: [1, 0, 0, asked.opt === undefined ? 1 : 2] });
}
