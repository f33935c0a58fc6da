import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConnectionLostError, IncompleteReadError, StateError, StreamReader } from '../src/index.ts';

const READ_AHEAD_BYTES = 64;

function reader(): { source: PassThrough; reader: StreamReader } {
  const source = new PassThrough();
  return { source, reader: new StreamReader(source, READ_AHEAD_BYTES) };
}

describe('readExactly', () => {
  it('gives back the octets in the pieces asked for, however they were cut on the way', async () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 40 });
    const sizes = fc.array(fc.nat({ max: 90 }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(chunks, sizes, fc.boolean(), async (written, asked, paced) => {
        const { source, reader: subject } = reader();
        const sent = Buffer.concat(written);
        const writing = (async () => {
          for (const chunk of written) {
            if (!source.write(chunk) || paced) await new Promise(setImmediate);
          }
          source.end();
        })();
        let at = 0;
        for (const size of asked) {
          const left = sent.length - at;
          if (left < size) {
            if (left === 0) expect(await subject.readExactly(size)).toBeNull();
            else
              await expect(subject.readExactly(size)).rejects.toMatchObject({ partial: sent.subarray(at) });
            at = sent.length;
          } else {
            expect(await subject.readExactly(size)).toEqual(sent.subarray(at, at + size));
            at += size;
          }
        }
        subject.discard();
        await writing;
      }),
      { numRuns: 300 },
    );
  });

  it('hands out octets that later ones do not overwrite', async () => {
    const { source, reader: subject } = reader();
    source.write('ab');
    const first = subject.readExactly(3);
    source.write('cd');
    const kept = await first;
    source.write('efghijklmnop');
    expect(await subject.readExactly(5)).toEqual(Buffer.from('defgh'));
    expect(kept).toEqual(Buffer.from('abc'));
  });

  it('joins many small chunks in linear time', async () => {
    const { source, reader: subject } = reader();
    const bytes = 400_000;
    const read = subject.readExactly(bytes);
    const start = process.cpuUsage();
    for (let i = 0; i < bytes; i += 4) source.write('abcd');
    expect((await read)?.length).toBe(bytes);
    // 100 000 chunks joined one by one would copy 20 GB.
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1_000_000).toBeLessThan(3);
  });

  it('tells a clean end from one in the middle', async () => {
    const clean = reader();
    clean.source.end();
    expect(await clean.reader.readExactly(1)).toBeNull();
    const cut = reader();
    cut.source.end('ab');
    await expect(cut.reader.readExactly(3)).rejects.toBeInstanceOf(IncompleteReadError);
    expect(await cut.reader.readExactly(3)).toBeNull();
  });

  it('stops the source once it is far enough ahead', async () => {
    const { source, reader: subject } = reader();
    await Promise.all([subject.readExactly(1), source.write('x'.repeat(READ_AHEAD_BYTES + 1))]);
    expect(source.isPaused()).toBe(true);
    const rest = subject.readExactly(2 * READ_AHEAD_BYTES);
    expect(source.isPaused()).toBe(false);
    source.write('x'.repeat(READ_AHEAD_BYTES));
    expect((await rest)?.length).toBe(2 * READ_AHEAD_BYTES);
  });

  it('reads nothing before it is asked', () => {
    const { source, reader: subject } = reader();
    source.write('abc');
    expect(subject.buffered).toBe(0);
    expect(subject.readNow(1)).toBeUndefined();
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses to read %s octets', async (bytes) => {
    await expect(reader().reader.readExactly(bytes)).rejects.toMatchObject({ code: 'ERR_OPTION' });
  });

  it('refuses two reads at once', async () => {
    const { source, reader: subject } = reader();
    const first = subject.readExactly(1);
    await expect(subject.readExactly(1)).rejects.toBeInstanceOf(StateError);
    source.write('a');
    expect(await first).toEqual(Buffer.from('a'));
  });
});

describe('cutOff', () => {
  it('leaves what has come to be read, and then gives null', async () => {
    const { source, reader: subject } = reader();
    source.write('abcdef');
    expect(await subject.readExactly(2)).toEqual(Buffer.from('ab'));
    subject.cutOff();
    expect(await subject.readExactly(3)).toEqual(Buffer.from('cde'));
    expect(await subject.readExactly(2)).toBeNull();
  });

  it('settles a read that waits', async () => {
    const { reader: subject } = reader();
    const waiting = subject.readExactly(2);
    subject.cutOff();
    expect(await waiting).toBeNull();
  });
});

describe('fail', () => {
  it('fails the read that waits and those after it', async () => {
    const { source, reader: subject } = reader();
    source.write('a');
    const waiting = subject.readExactly(2);
    subject.fail(new ConnectionLostError(new Error('reset')));
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    await expect(subject.readExactly(1)).rejects.toBeInstanceOf(ConnectionLostError);
  });
});
