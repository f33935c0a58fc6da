import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ConnectionLostError, StateError, StreamWriter } from '../src/index.ts';

/** A target whose writes complete when the test says so. */
class SlowTarget extends Writable {
  readonly writes: string[] = [];
  complete: () => void = () => {};

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push(String(chunk));
    this.complete = done;
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.writes.push(Buffer.concat(chunks.map(({ chunk }) => chunk)).toString());
    this.complete = done;
  }
}

function writer(): { target: SlowTarget; stuck: boolean[]; subject: StreamWriter } {
  const target = new SlowTarget();
  const stuck: boolean[] = [];
  return { target, stuck, subject: new StreamWriter(target, (now) => stuck.push(now)) };
}

const turn = (): Promise<void> => new Promise(setImmediate);

describe('StreamWriter', () => {
  it('writes what one turn of the event loop brings in one piece', async () => {
    const { target, subject } = writer();
    subject.write(Buffer.from('a'));
    subject.write(Buffer.from('b'));
    expect(target.writes).toEqual([]);
    await turn();
    expect(target.writes).toEqual(['ab']);
  });

  it('gives a promise while the peer does not read, and settles it when that chunk has left', async () => {
    const { target, stuck, subject } = writer();
    expect(subject.write(Buffer.from('a'))).toBeUndefined();
    await turn();
    expect(stuck).toEqual([true]);
    let left = false;
    const waiting = subject.write(Buffer.from('b'))?.then(() => {
      left = true;
    });
    expect(waiting).toBeInstanceOf(Promise);
    target.complete();
    await turn();
    expect([target.writes, left]).toEqual([['a', 'b'], false]);
    target.complete();
    await waiting;
    expect(stuck).toEqual([true, false, true, false]);
  });

  it('gives the target no more than one batch at a time', async () => {
    const { target, subject } = writer();
    for (let i = 0; i < 4; i++) subject.write(Buffer.alloc(100_000, 0x61));
    subject.write(Buffer.alloc(300_000, 0x62));
    const sizes: number[] = [];
    await turn();
    while (target.writes.length > sizes.length) {
      sizes.push(target.writes.at(-1)?.length ?? 0);
      target.complete();
      await turn();
    }
    expect(sizes).toEqual([100_000, 100_000, 100_000, 100_000, 131_072, 131_072, 37_856]);
  });

  it('ends the target after what was written', async () => {
    const { target, subject } = writer();
    subject.write(Buffer.from('a'));
    subject.end();
    expect(subject.writable).toBe(false);
    expect(() => subject.write(Buffer.from('b'))).toThrow(StateError);
    await turn();
    expect(target.writableEnded).toBe(false);
    target.complete();
    await turn();
    expect([target.writableEnded, target.writes]).toEqual([true, ['a']]);
  });

  it('fails what waits once the connection is lost', async () => {
    const { subject } = writer();
    subject.write(Buffer.from('a'));
    await turn();
    const waiting = subject.write(Buffer.from('b'));
    subject.write(Buffer.from('nobody waits for this one'));
    const lost = new ConnectionLostError();
    subject.fail(lost);
    await expect(waiting).rejects.toBe(lost);
    expect(() => subject.write(Buffer.from('c'))).toThrow(lost);
  });
});
