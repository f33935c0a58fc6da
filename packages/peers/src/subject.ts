/** Who made a subject: another project, this one, or nobody (the plainest way to do it). */
export type SubjectKind = 'peer' | 'tridot' | 'baseline';

/** What a subject is to forward, and how it is run. */
export interface StartOptions {
  /** Where it serves UDP and TCP on 127.0.0.1; must be free. */
  readonly port: number;
  /** Port of the DNS-over-TLS upstream on 127.0.0.1. */
  readonly upstreamPort: number;
  /** The name that the upstream's certificate must be for. */
  readonly authName: string;
  /** Absolute path of a PEM file with the trust anchor of the upstream. */
  readonly caFile: string;
  /** Whether it may answer from a cache. A subject without one ({@link Subject.caches}) ignores `true`. */
  readonly cache: boolean;
  /** The CPU core that it may run on. Default: any. */
  readonly core?: number;
  /** Options for the Node that runs it. Subjects that are not written for Node ignore them. */
  readonly nodeFlags?: readonly string[];
}

/** A forwarder that answers. */
export interface RunningSubject {
  readonly pid: number;
  /** Settles with its exit code (or signal) when it ends, by itself or not. */
  readonly ended: Promise<string>;
  /** What it has written to standard output and standard error so far. */
  log(): string;
  /**
   * Ends it by its pid, SIGTERM first, and removes its directory. May be called twice.
   *
   * @param killAfterMs how long it has before SIGKILL. Default: `stopTimeoutMs`.
   */
  stop(killAfterMs?: number): Promise<void>;
}

/** A forwarder from plain DNS to DNS over TLS that runs as a process of its own. */
export interface Subject {
  /** Short, lower case: it names the subject on the command line and in reports. */
  readonly name: string;
  readonly kind: SubjectKind;
  /** Whether it has a cache that can be switched on. */
  readonly caches: boolean;
  /** Whether its program is on this machine. */
  installed(): boolean;
  /** What its program says of its version; empty when that cannot be found out. */
  version(): string;
  /**
   * Starts it and waits until it answers.
   *
   * @throws {SubjectStartError} ERR_SUBJECT_START: it ended or did not answer in time. Nothing of it is left.
   */
  start(options: StartOptions): Promise<RunningSubject>;
}

/** A subject that did not come to answer. The message holds the end of what it wrote. */
export class SubjectStartError extends Error {
  readonly code = 'ERR_SUBJECT_START';
  override readonly name = 'SubjectStartError';
}
