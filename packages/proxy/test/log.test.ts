import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLog, type LogOptions } from '../src/logging/log.ts';
import { oneLine, shown } from '../src/logging/one-line.ts';

const CONTROLS = /[\p{Cc}\u2028\u2029]/u;

async function written(
  options: Omit<LogOptions, 'write'>,
  act: (log: Awaited<ReturnType<typeof createLog>>) => void,
): Promise<string> {
  let text = '';
  act(await createLog({ ...options, write: (line) => (text += line) }));
  return text;
}

describe('createLog', () => {
  it('writes JSON with the level as a word and a time that people can read', async () => {
    const text = await written({ level: 'info', format: 'json' }, ({ logger }) =>
      logger.warn({ more: 3 }, 'hm'),
    );
    expect(JSON.parse(text)).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      more: 3,
      msg: 'hm',
    });
  });

  it('writes for people one line, without the fields that its message holds', async () => {
    const text = await written({ level: 'info', format: 'pretty' }, ({ logger }) =>
      logger.info({ qname: 'example.com.', code: 'ERR_X' }, 'query example.com.'),
    );
    expect(text).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: query example\.com\. \{"code":"ERR_X"\}\n$/);
  });

  it('leaves out what is below its level', async () => {
    const text = await written({ level: 'warn', format: 'json' }, ({ logger }) => {
      logger.info({}, 'no');
      logger.debug({}, 'no');
    });
    expect(text).toBe('');
  });

  it('announces at every level, in pretty format nothing but the line', async () => {
    expect(
      await written({ level: 'silent', format: 'pretty' }, (log) => log.announce('listening on …')),
    ).toBe('listening on …\n');
    const json = await written({ level: 'silent', format: 'json' }, (log) => log.announce('listening on …'));
    expect(JSON.parse(json)).toMatchObject({ level: 'info', msg: 'listening on …' });
  });

  it.each(['json', 'pretty'] as const)(
    '%s: any text becomes one line without control characters',
    async (format) => {
      let text = '';
      const log = await createLog({ level: 'info', format, write: (line) => (text += line) });
      const hostile = fc.string({ unit: 'binary' });
      fc.assert(
        fc.property(hostile, hostile, (message, field) => {
          text = '';
          log.logger.info({ code: field }, message);
          log.announce(message);
          const lines = text.split('\n');
          expect(lines).toHaveLength(3);
          expect(lines[2]).toBe('');
          for (const line of lines) expect(line).not.toMatch(CONTROLS);
        }),
      );
    },
  );
});

describe('oneLine', () => {
  it.each([
    ['a\nb', 'a\\x0ab'],
    ['\u001b[31m', '\\x1b[31m'],
    ['\u007f\u0085\u009b', '\\x7f\\x85\\x9b'],
    ['\u2028', '\\u2028'],
    ['plain text, “quoted”', 'plain text, “quoted”'],
  ])('%j', (text, expected) => {
    expect(oneLine(text)).toBe(expected);
  });

  it('shows long values only in part', () => {
    expect(shown('x'.repeat(1_000))).toHaveLength(81);
    expect(shown(undefined)).toBe('undefined');
    expect(shown({ a: [1] })).toBe('{"a":[1]}');
  });
});
