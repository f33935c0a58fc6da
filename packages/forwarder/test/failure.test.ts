import { describe, expect, it } from 'vitest';
import { message, opt, option, question, uint16 } from '../../wire/test/build-message.ts';
import { createForwarder, type ForwarderObserver } from '../src/index.ts';
import { client, createSubject, octets } from './subject.ts';

const QUERY = message({
  flags: 0x0110,
  questions: [question('wWw.example.com')],
  additionals: [opt({ flags: 0x8000 })],
});

function servfail(ede: number): Buffer {
  return message({
    flags: 0x8192,
    questions: [question('wWw.example.com')],
    additionals: [opt({ flags: 0x8000, options: [option(15, uint16(ede))] })],
  });
}

class UpstreamFailure extends Error {
  readonly ede: unknown;
  constructor(ede: unknown) {
    super('no upstream answered');
    this.ede = ede;
  }
}

describe('when the upstream fails', () => {
  it.each([
    [22, 22],
    [23, 23],
    [-1, 23],
    [1.5, 23],
    [65536, 23],
    ['22', 23],
  ])('with ede %s, the client gets SERVFAIL with %i', async (given, shown) => {
    const failure = new UpstreamFailure(given);
    const subject = createSubject(() => Promise.reject(failure));
    expect(await subject.udp(QUERY)).toEqual(servfail(shown));
    expect(subject.finished).toMatchObject([{ outcome: 'failed', error: failure, upstream: null }]);
    expect(subject.internalErrors).toEqual([]);
  });

  it('the client without EDNS gets SERVFAIL without a reason', async () => {
    const subject = createSubject(() => Promise.reject(new UpstreamFailure(22)));
    expect(await subject.tcp(message({ questions: [question()] }))).toEqual(
      message({ flags: 0x8182, questions: [question()] }),
    );
  });
});

describe('a bug', () => {
  it.each([new TypeError('x is undefined'), 'a string', null, undefined])(
    'in the upstream (%s) is SERVFAIL and is reported',
    async (bug) => {
      const subject = createSubject(() => Promise.reject(bug));
      expect(await subject.udp(QUERY)).toEqual(servfail(23));
      expect(subject.internalErrors).toEqual([bug]);
      expect(subject.finished).toHaveLength(1);
    },
  );

  it('that throws instead of rejecting is no different', async () => {
    const bug = new Error('thrown');
    const errors: unknown[] = [];
    const { handle } = createForwarder({
      upstream: {
        ask() {
          throw bug;
        },
      },
      observer: { onFinished: () => undefined, onInternalError: (error) => errors.push(error) },
    });
    expect(octets(await handle(QUERY, client('udp')))).toEqual(servfail(23));
    expect(errors).toEqual([bug]);
  });

  it('before the query goes up is SERVFAIL too', () => {
    const bug = new Error('no transport');
    const errors: unknown[] = [];
    const { handle } = createForwarder({
      upstream: { ask: () => Promise.reject(new Error('never asked')) },
      observer: { onFinished: () => undefined, onInternalError: (error) => errors.push(error) },
    });
    const broken = {
      address: '192.0.2.7',
      port: 1,
      get transport(): 'udp' {
        throw bug;
      },
    };
    expect(handle(message({ flags: 0x8000 }), broken)).toBeNull();
    expect(errors).toEqual([bug]);
  });

  it.each([
    ['onFinished', { onInternalError: () => undefined }],
    [
      'onInternalError',
      {
        onInternalError: () => {
          throw new Error('observer');
        },
      },
    ],
  ])('in the observer does not reach the listener: %s', async (_title, rest) => {
    const observer: ForwarderObserver = {
      onFinished() {
        throw new Error('observer');
      },
      ...rest,
    };
    const warnings: Error[] = [];
    const collect = (warning: Error) => warnings.push(warning);
    process.on('warning', collect);
    try {
      const { handle } = createForwarder({
        upstream: { ask: () => Promise.reject(new UpstreamFailure(22)) },
        observer,
      });
      expect(octets(await handle(QUERY, client('udp')))).toEqual(servfail(22));
      expect(handle(message({ flags: 0x8000 }), client('udp'))).toBeNull();
      await new Promise(setImmediate);
    } finally {
      process.off('warning', collect);
    }
    expect(warnings.length > 0).toBe(_title === 'onInternalError');
  });

  it('without an observer is a warning of the process', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const bug = new Error('unseen');
    const { handle } = createForwarder({ upstream: { ask: () => Promise.reject(bug) } });
    expect(octets(await handle(QUERY, client('udp')))).toEqual(servfail(23));
    expect(await warned).toBe(bug);
  });
});

describe('the observer', () => {
  it('hears of each query once, before its reply is out', async () => {
    const response = message({ flags: 0x8190, questions: [question('www.example.com')] });
    const subject = createSubject(() => Buffer.from(response));
    const before = performance.now();
    const reply = await subject.udp(QUERY);
    expect(subject.finished).toMatchObject([
      {
        outcome: 'answered',
        client: client('udp'),
        query: QUERY,
        reply,
        upstream: 'resolver.example',
        error: null,
      },
    ]);
    expect(subject.finished[0]?.startedMs).toBeGreaterThanOrEqual(before);
    expect(subject.finished[0]?.startedMs).toBeLessThanOrEqual(performance.now());
  });
});
