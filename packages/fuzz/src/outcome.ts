/** What came of a batch at one subject, and whether two subjects agree. */

export interface StreamOutcome {
  /** In the order in which they came. */
  readonly replies: readonly Buffer[];
  /** Octets that are no whole frame. */
  readonly rest: Buffer;
  /** How the other side ended it. */
  readonly end: 'fin' | 'reset' | 'never';
}

export interface Outcome {
  /** For each datagram what was replied: nothing, or one reply; more would be wrong. */
  readonly datagrams: readonly (readonly Buffer[])[];
  readonly streams: readonly StreamOutcome[];
  /** What the upstream was asked, in octets without their ID, in the order of these octets. */
  readonly seen: readonly Buffer[];
  /** Datagrams that belong to nothing. */
  readonly stray: readonly Buffer[];
  /** What was waited for in vain. */
  readonly stuck: readonly string[];
}

/** What of two outcomes has to be equal. */
export interface Comparison {
  /** Off where a lost connection decides how often the upstream is asked. */
  readonly seen: boolean;
  /** Off where a lost connection decides which answer arrives first. */
  readonly replies: boolean;
  /** For each stream which replies count; null: none, and how it ends does not count either. */
  readonly streams: readonly (((reply: Buffer) => boolean) | null)[];
}

/** @returns what differs, in words; null: nothing. */
export function difference(one: Outcome, other: Outcome, comparison: Comparison): string | null {
  if (comparison.replies) {
    const datagram = one.datagrams.findIndex(
      (replies, index) => !same(replies, other.datagrams[index] ?? []),
    );
    if (datagram >= 0) {
      const replies = [one, other].map(({ datagrams }) => describe(datagrams[datagram] ?? []));
      return `datagram ${datagram}: ${replies.join(' and ')}`;
    }
    for (const [index, counts] of comparison.streams.entries()) {
      if (counts === null) continue;
      const differs = streamDifference(one.streams[index], other.streams[index], counts);
      if (differs !== null) return `stream ${index}: ${differs}`;
    }
  }
  if (comparison.seen && !same(one.seen, other.seen)) {
    const extra = [missingIn(one.seen, other.seen), missingIn(other.seen, one.seen)];
    return `upstream was asked: ${extra.map(describe).join(' and ')}`;
  }
  return null;
}

function streamDifference(
  one: StreamOutcome | undefined,
  other: StreamOutcome | undefined,
  counts: (reply: Buffer) => boolean,
): string | null {
  if (one === undefined || other === undefined) return 'not tried';
  const replies = one.replies.filter(counts);
  const others = other.replies.filter(counts);
  if (!same(sorted(replies), sorted(others))) {
    const extra = [missingIn(replies, others), missingIn(others, replies)];
    return `${replies.length} and ${others.length} replies: ${extra.map(describe).join(' and ')}`;
  }
  if (!one.rest.equals(other.rest)) return `rest ${describe([one.rest])} and ${describe([other.rest])}`;
  return one.end === other.end ? null : `end ${one.end} and ${other.end}`;
}

/** Octets in an order that does not depend on when they came. */
export function sorted(messages: readonly Buffer[]): Buffer[] {
  return messages.toSorted(Buffer.compare);
}

function same(one: readonly Buffer[], other: readonly Buffer[]): boolean {
  return (
    one.length === other.length &&
    one.every((message, index) => other[index] !== undefined && message.equals(other[index]))
  );
}

/** What `one` has and `other` has not, each as often as it has it more. */
function missingIn(one: readonly Buffer[], other: readonly Buffer[]): Buffer[] {
  const left = [...other];
  return one.filter((message) => {
    const at = left.findIndex((candidate) => candidate.equals(message));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

const SHOWN_BYTES = 100;

function describe(messages: readonly Buffer[]): string {
  if (messages.length === 0) return 'nothing';
  return messages.map(shown).join(', ');
}

function shown(octets: Buffer): string {
  const hex = octets.toString('hex', 0, SHOWN_BYTES);
  return octets.length > SHOWN_BYTES ? `${hex}… (${octets.length} octets)` : hex;
}
