import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { answerOf } from '../src/answers.ts';
import { ExpectationError, equal } from '../src/assert.ts';
import { query } from '../src/bytes/build.ts';
import type { ConformanceCase, Need } from '../src/case.ts';
import { answered } from '../src/expectations.ts';
import { type CaseResult, problemsOf, runCases } from '../src/runner.ts';
import type { Exit, Subject } from '../src/subject.ts';

describe('the runner', () => {
  it('passes a case that settles, and records what clients saw', async () => {
    const [result] = await run(asks('U1'));
    expect(result?.verdict).toBe('pass');
    expect(result?.outcome?.summary).toEqual(['udp: NOERROR']);
  });

  it('fails a case that throws, with its message and what the subject wrote', async () => {
    const failing = { ...asks('U1'), run: async () => equal(1, 2, 'the number') };
    const [result] = await run(failing);
    expect(result).toMatchObject({ verdict: 'fail', reason: 'the number: 1, not 2', logs: 'hello' });
  });

  it('fails a case that does not settle in time', async () => {
    const endless = { ...asks('U1'), timeoutMs: 50, run: () => new Promise<void>(() => {}) };
    expect((await run(endless))[0]?.reason).toBe('not done within 50 ms');
  });

  it('fails a case at once when the process ends, unless the case is about that', async () => {
    const exited = Promise.resolve({ code: 70, signal: null });
    const endless = { ...asks('U1'), timeoutMs: 300, run: () => new Promise<void>(() => {}) };
    expect((await run(endless, { exited }))[0]?.reason).toBe('the process ended: exit code 70');
    const aboutIt: ConformanceCase = { ...endless, needs: ['process'] };
    expect((await run(aboutIt, { exited }, ['process']))[0]?.reason).toBe('not done within 300 ms');
  });

  it('has no more patience than the subject deserves', async () => {
    const subject = { ...answeringSubject({}), patience: { replyMs: 20, caseMs: 40 } };
    const endless = { ...asks('U1'), run: () => new Promise<void>(() => {}) };
    const [result] = await runCases({ ...options(), subject, cases: [endless] });
    expect(result?.reason).toBe('not done within 40 ms');
  });

  it('finds a case not applicable when subject and machine lack what it needs', async () => {
    const [result] = await run({ ...asks('U1'), needs: ['limits'] });
    expect(result).toMatchObject({ verdict: 'not applicable', reason: 'needs limits' });
  });

  it.each([
    [
      'a stack trace',
      { logs: () => (logged += '\nError: x\n    at f (file:///a.ts:1:2)') },
      'no stack trace',
    ],
    ['a process that is gone', { alive: () => false }, 'the process is still there'],
    ['queries in flight', { inFlight: () => 1 }, 'left behind: in flight 1'],
  ])(
    'fails a case after which there is %s',
    async (_, faults, reason) => {
      expect((await run(asks('U1'), faults))[0]?.reason).toContain(reason);
    },
    10_000,
  );

  it('fails a run in which a declared deviation passes, or another case fails', async () => {
    const good = await runCases({ ...options(), cases: [asks('U1')], deviations: { U1: 'it cannot' } });
    expect(problemsOf(good)).toEqual(['U1 udp is declared as a deviation (it cannot) and passes']);
    const throwing = { ...asks('U1'), run: () => Promise.reject(new ExpectationError('no')) };
    expect(
      problemsOf(await runCases({ ...options(), cases: [throwing], deviations: { U1: 'it cannot' } })),
    ).toEqual([]);
    expect(problemsOf(await run(throwing))).toHaveLength(1);
  });
});

let logged = 'hello';

interface Faults {
  readonly logs?: () => string;
  readonly alive?: () => boolean;
  readonly inFlight?: () => number;
  readonly exited?: Promise<Exit>;
}

function asks(id: string): ConformanceCase {
  return {
    id,
    level: 'MUST',
    reference: '',
    title: 'MUST answer',
    transports: ['udp'],
    async run(context) {
      const asked = query({ name: context.qname() });
      answered(asked, await context.ask(asked));
    },
  };
}

function run(each: ConformanceCase, faults: Faults = {}, machine: Need[] = []): Promise<CaseResult[]> {
  logged = 'hello';
  return runCases({ ...options(faults), machine: new Set(machine), cases: [each] });
}

function options(faults: Faults = {}) {
  return { subject: answeringSubject(faults), machine: new Set<never>(), concurrency: 1 };
}

/** Answers by itself, as the upstream would. */
function answeringSubject({
  logs = () => logged,
  alive = () => true,
  inFlight = () => 0,
  exited,
}: Faults): Subject {
  return {
    name: 'answering',
    can: new Set(),
    async start() {
      const socket = createSocket('udp4');
      socket.on('message', (octets, from) => socket.send(answerOf(octets), from.port, from.address));
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
      return {
        address: '127.0.0.1',
        port: socket.address().port,
        logs,
        health: async () => ({ pid: process.pid, alive: alive(), inFlight: inFlight(), dropped: null }),
        stop: () => closed(socket),
        ...(exited === undefined ? {} : { exited }),
      };
    },
  };
}

async function closed(socket: Socket) {
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return { code: null, signal: null };
}
