import type { Dice } from './dice.ts';

/** Cuts octets at these places. Places outside, out of order or twice are allowed and cut nothing more. */
export function cutAt(octets: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places)].filter((at) => at > 0 && at < octets.length).sort((a, b) => a - b);
  const edges = [0, ...sorted, octets.length];
  return edges.slice(1).map((end, index) => octets.subarray(edges[index], end));
}

/** Where a stream may be cut: not at all, anywhere, octet by octet at the start, or inside the prefixes. */
export function anyCuts(length: number, dice: Dice, frameStarts: readonly number[] = [0]): number[] {
  return dice.pick([
    () => [],
    () => Array.from({ length: dice.between(1, 6) }, () => dice.below(length)),
    () => Array.from({ length: dice.between(2, 20) }, (_, index) => index + 1),
    () => frameStarts.map((start) => start + 1),
    () => frameStarts.map((start) => start + 2),
    () => dice.some(frameStarts).flatMap((start) => [start, start + dice.between(1, 14)]),
  ])();
}

/** The frames of a stream: each message, and what is left over that is no whole frame. */
export function framesIn(stream: Buffer): { messages: Buffer[]; rest: Buffer } {
  const messages: Buffer[] = [];
  let at = 0;
  while (at + 2 <= stream.length) {
    const end = at + 2 + stream.readUInt16BE(at);
    if (end > stream.length) break;
    messages.push(stream.subarray(at + 2, end));
    at = end;
  }
  return { messages, rest: stream.subarray(at) };
}
