/** What is stood before, and what it gives. Whoever has such a method fits; nothing is imported from there. */
import type { OutgoingQuery } from '@tridot/wire';

export interface UpstreamAnswer {
  /** One whole response; its ID is arbitrary. Whoever gets it owns it and changes it. */
  readonly message: Buffer;
  /** Names the upstream in logs. */
  readonly upstream: string;
}

/** One opinion: a single provider, or several servers that are trusted alike. */
export interface AskingUpstream<Answer extends UpstreamAnswer = UpstreamAnswer> {
  /** Unique among the upstreams compared. */
  readonly name: string;
  /** Rejects when there is no response; by then its own deadline has passed at the latest. */
  ask(query: OutgoingQuery): Promise<Answer>;
}
