/** What became of one comparison, in facts that do not tell who asked for what. */

export type Outcome =
  /** The same, after what may differ was made equal. */
  | 'agreed'
  /** Address sets that differ no more than the policy allows. */
  | 'agreed-in-part'
  | 'disagreed'
  /** Fewer than two upstreams gave an answer that can be compared. Not a disagreement. */
  | 'unconfirmed';

export interface ComparedAnswer {
  readonly upstream: string;
  /**
   * `answered`: was compared. `not-comparable`: a failure of its own such as SERVFAIL, cut off, or unreadable. `failed`: no
   * response. `pending`: none by the time of the report.
   */
  readonly state: 'answered' | 'not-comparable' | 'failed' | 'pending';
  /** `NOERROR`, `NXDOMAIN`, `BOGUS`, or why it is not comparable; empty without a response. */
  readonly verdict: string;
  /** Records of the answer section by type, such as `CNAME 1, A 2`. */
  readonly records: string;
  /** The others agree among themselves, and not with this one. */
  readonly odd: boolean;
  /** The records in text, a few at most. Only where names may be told. */
  readonly details?: readonly string[];
}

export interface Comparison {
  readonly outcome: Outcome;
  readonly qtype: number;
  readonly qclass: number;
  /** Whose answer was used; `null` when the query failed. */
  readonly served: string | null;
  /** In the order of the upstreams. */
  readonly answers: readonly ComparedAnswer[];
  /** Only where names may be told. Escaped, in one line. */
  readonly qname?: string;
}

/** Is told what happens, for logs and counters. Must not throw. What is not needed is left out. */
export interface AgreementObserver {
  /** Once for each query compared, after its answer was used as a rule. */
  compared?(comparison: Comparison): void;
  /** A chosen query was not compared: see `maxComparisons`. */
  overloaded?(): void;
}
