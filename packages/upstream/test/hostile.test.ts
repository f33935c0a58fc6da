import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { responseTo } from './messages.ts';
import { answer, names, Stage } from './stage.ts';

/** What a server may send in place of an answer: octets without sense, or frames that come close to an answer. */
const octets = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const damage = fc.record({ at: fc.nat(60), to: fc.integer({ min: 0, max: 255 }) });
const answerOf = fc.oneof(
  octets.map((bytes) => () => bytes),
  fc.array(damage, { maxLength: 4 }).map((damages) => (query: Buffer) => {
    const response = responseTo(query);
    const framed = Buffer.concat([Buffer.from([0, response.length]), response]);
    for (const { at, to } of damages) if (at < framed.length) framed[at] = to;
    return framed;
  }),
);

describe('whatever octets a server sends', () => {
  it('every query is settled, answers are about their own question, and the next server connection works', async () => {
    await using stage = new Stage();
    const server = await stage.server();
    await fc.assert(
      fc.asyncProperty(
        fc.array(answerOf, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        async (script, ends) => {
          let step = 0;
          server.onQuery = (query, connection) => {
            const make = script[step++];
            if (make === undefined) answer(query, connection);
            else connection.raw(make(query));
            if (step === script.length && ends) connection.socket.end();
          };
          const limits = { stallTimeoutMs: 30, queryTimeoutMs: 120, backoffMinMs: 1, backoffMaxMs: 2 };
          const { upstreams, outcome } = await stage.upstreams([server], { limits });
          const asked = names(6);
          const outcomes = await Promise.all(asked.map((name) => outcome(name)));
          outcomes.forEach((what, index) => {
            // A response whose question section is empty is about whatever was asked under its ID.
            if (!what.startsWith('ERR_UPSTREAM_') && what !== '')
              expect(what.toLowerCase()).toBe(asked[index]);
          });
          server.onQuery = answer;
          let last = '';
          for (let tries = 0; tries < 20 && last !== 'z.example.com'; tries++)
            last = await outcome('z.example.com');
          expect(last).toBe('z.example.com');
          await upstreams.close();
        },
      ),
      { numRuns: 60 },
    );
  });
});
