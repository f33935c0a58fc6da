import type { FinishedQuery } from '@tridot/forwarder';
import type { Reply } from '@tridot/listener';
import { UpstreamError } from '@tridot/upstream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LogFields, type Logger, SILENT_LOGGER } from '../src/logging/log.ts';
import { presentClass, presentLabel, presentRcode, presentType } from '../src/logging/presentation.ts';
import { logQuery } from '../src/logging/query-log.ts';
import { readQuestion } from '../src/logging/question.ts';
import type { ClientDetail } from '../src/logging/shown-client.ts';

function message(
  labels: readonly (string | Uint8Array)[],
  { flags = 0x0100, qtype = 1, qclass = 1 } = {},
): Buffer {
  const header = Buffer.from([0x12, 0x34, flags >> 8, flags & 0xff, 0, 1, 0, 0, 0, 0, 0, 0]);
  const octets = labels.map((label) => Buffer.from(label));
  const name = octets.flatMap((label) => [Buffer.from([label.length]), label]);
  return Buffer.concat([
    header,
    ...name,
    Buffer.from([0, qtype >> 8, qtype & 0xff, qclass >> 8, qclass & 0xff]),
  ]);
}

function logged(
  finished: Partial<FinishedQuery>,
  clients: ClientDetail = 'none',
): { fields: LogFields; text: string } {
  const lines: { fields: LogFields; text: string }[] = [];
  const logger: Logger = { ...SILENT_LOGGER, info: (fields, text) => void lines.push({ fields, text }) };
  logQuery(
    logger,
    {
      outcome: 'answered',
      source: 'upstream',
      client: { transport: 'udp', address: '192.0.2.1', port: 4_000 },
      query: message(['www', 'example', 'com']),
      reply: message(['www', 'example', 'com'], { flags: 0x8180 }),
      upstream: 'dns.example.com',
      error: null,
      startedMs: performance.now() - 12,
      timings: null,
      ...finished,
    },
    clients,
  );
  const [line] = lines;
  if (line === undefined) throw new Error('nothing was logged');
  return line;
}

/** With a bare OPT at the end. */
function withOpt(reply: Buffer, extendedRcode: number, additionals = 1): Buffer {
  const whole = Buffer.concat([reply, Buffer.from([0, 0, 41, 4, 208, extendedRcode, 0, 0, 0, 0, 0])]);
  whole.writeUInt16BE(additionals, 10);
  return whole;
}

describe('logQuery', () => {
  it('tells question, rcode, duration, transport and upstream', () => {
    const { fields, text } = logged({});
    expect(fields).toMatchObject({
      qname: 'www.example.com.',
      qtype: 'A',
      qclass: 'IN',
      rcode: 'NOERROR',
      transport: 'udp',
      upstream: 'dns.example.com',
    });
    expect(text).toMatch(
      /^query www\.example\.com\. IN A NOERROR in 1\d(\.\d+)? ms over udp by dns\.example\.com$/,
    );
  });

  it('tells why a query failed', () => {
    const { fields, text } = logged({
      outcome: 'failed',
      reply: message([], { flags: 0x8182 }),
      upstream: null,
      error: new Error('upstream x: timed\nout'),
    });
    expect(fields).toMatchObject({
      rcode: 'SERVFAIL',
      cause: 'upstream x: timed\\x0aout',
      upstream: undefined,
    });
    expect(text).toMatch(/SERVFAIL in .* ms over udp: upstream x: timed\\x0aout$/);
  });

  it.each<[string, Reply, FinishedQuery['outcome'], string]>([
    ['silence', null, 'dropped', 'none'],
    ['BADVERS, whose four bits are 0', withOpt(message([], { flags: 0x8180 }), 1), 'rejected', 'BADVERS'],
    [
      'an rcode of twelve bits that has no name',
      withOpt(message([], { flags: 0x818f }), 255),
      'answered',
      'RCODE4095',
    ],
    ['no OPT that only looks like one', withOpt(message([], { flags: 0x8182 }), 1, 0), 'failed', 'SERVFAIL'],
    ['FORMERR', message([], { flags: 0x8181 }), 'rejected', 'FORMERR'],
  ])('names the rcode of %s', (_title, reply, outcome, rcode) => {
    expect(logged({ reply, outcome }).fields).toMatchObject({ rcode });
  });

  it.each([
    ['full', '192.0.2.77', '192.0.2.77'],
    ['prefix', '192.0.2.77', '192.0.2.0/24'],
    ['prefix', '2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['prefix', '2001:db8::6', '2001:db8::/48'],
    ['prefix', '::1', '::/48'],
    ['prefix', 'fe80::1%eth0', 'fe80::/48'],
    ['none', '192.0.2.77', undefined],
  ] as const)('tells of the client as much as it may: %s of %s', (detail, address, shown) => {
    const { fields, text } = logged({ client: { transport: 'udp', address, port: 4_000 } }, detail);
    expect(fields.client).toBe(shown);
    expect(text.includes(' from ')).toBe(shown !== undefined);
    if (detail !== 'full') expect(JSON.stringify([fields, text])).not.toContain(address);
  });

  it.each([
    ['cache', ' from the cache'],
    ['stale', ' from the cache, stale'],
    ['shared', ' from the shared cache'],
    ['policy', ' by the policy'],
  ] as const)('tells that an answer came from the %s', (source, end) => {
    const { fields, text } = logged({ source, upstream: null });
    expect(fields).toMatchObject({ source, upstream: undefined });
    expect(text.endsWith(`over udp${end}`)).toBe(true);
  });

  it('tells where the time of a failed query went', () => {
    const timings = {
      queueMs: 1.234,
      dialMs: 2,
      tlsMs: 3.456,
      waitMs: 4,
      tls: 'full',
      connectionAgeMs: null,
      sends: 2,
    } as const;
    const circumstances = { upstream: 'a', phase: 'wait', timings } as const;
    const error = new UpstreamError('ERR_UPSTREAM_TIMEOUT', 'no answer', circumstances);
    const { fields } = logged({ outcome: 'failed', source: 'none', error });
    expect(fields).toMatchObject({ queueMs: 1.23, dialMs: 2, tlsMs: 3.46, waitMs: 4, sends: 2 });
  });

  it('tells where the time of an answered query went', () => {
    const timings = {
      queueMs: 0.126,
      dialMs: 1,
      tlsMs: 2,
      waitMs: 3,
      tls: 'resumed',
      connectionAgeMs: 4,
      sends: 1,
    } as const;
    expect(logged({ timings }).fields).toMatchObject({ ...timings, queueMs: 0.13 });
    expect(logged({}).fields.tls).toBeUndefined();
  });

  it('writes ? for a question that cannot be read', () => {
    expect(logged({ query: Buffer.alloc(12) }).fields).toMatchObject({ qname: '?', qtype: '?', qclass: '?' });
  });

  it('puts any name on one line without control octets', () => {
    const label = fc.uint8Array({ minLength: 1, maxLength: 63 });
    fc.assert(
      fc.property(fc.array(label, { maxLength: 3 }), (labels) => {
        const { fields, text } = logged({ query: message(labels) });
        expect(text).toMatch(/^[\x20-\x7e]*$/);
        expect(fields.qname).toMatch(/^[\x21-\x7e]+$/);
      }),
    );
  });
});

describe('readQuestion', () => {
  it('reads or refuses any octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        const question = readQuestion(Buffer.from(octets));
        if (question !== null) expect(question.qname).toMatch(/^[\x21-\x7e]+$/);
      }),
    );
  });

  it.each([
    ['a header alone', Buffer.from([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])],
    ['no question', message(['a']).fill(0, 4, 6)],
    ['a pointer', Buffer.concat([message([]).subarray(0, 12), Buffer.from([0xc0, 0x0c, 0, 1, 0, 1])])],
    ['a name that is cut', message(['example']).subarray(0, 16)],
    ['a type that is cut', message(['example']).subarray(0, 22)],
    ['a name of 256 octets', message(['a'.repeat(63), 'b'.repeat(63), 'c'.repeat(63), 'd'.repeat(62)])],
  ])('refuses %s', (_title, octets) => {
    expect(readQuestion(octets)).toBeNull();
  });

  it('reads the root, and a name of 255 octets', () => {
    expect(readQuestion(message([]))?.qname).toBe('.');
    const longest = ['a'.repeat(63), 'b'.repeat(63), 'c'.repeat(63), 'd'.repeat(61)];
    expect(readQuestion(message(longest))?.qname).toBe(`${longest.join('.')}.`);
  });
});

describe('presentation', () => {
  it.each([
    ['a\nb', 'a\\010b'],
    ['a.b', 'a\\.b'],
    ['a b', 'a\\032b'],
    ['\u001b[31m', '\\027[31m'],
    ['é', '\\195\\169'],
    ['\\"$(); @', '\\\\\\"\\$\\(\\)\\;\\032\\@'],
    ['\u0000', '\\000'],
    ['_dns-x', '_dns-x'],
  ])('writes the label %j as %s', (label, text) => {
    expect(presentLabel(Buffer.from(label))).toBe(text);
  });

  it('names numbers, known or not', () => {
    expect([1, 28, 65, 255, 65_280].map(presentType)).toEqual(['A', 'AAAA', 'HTTPS', 'ANY', 'TYPE65280']);
    expect([1, 3, 65_280].map(presentClass)).toEqual(['IN', 'CH', 'CLASS65280']);
    expect([0, 3, 12].map(presentRcode)).toEqual(['NOERROR', 'NXDOMAIN', 'RCODE12']);
  });
});
