import type { AuthorityOptions, UpstreamOptions } from '@tridot/testbed';
import type { CacheSettings } from './answer-case.ts';
import type { Need } from './case.ts';

export type Transport = 'udp' | 'tcp';

/** A server that can be graded. */
export interface Subject {
  readonly name: string;
  /** What was started, for the report: `unbound 1.17.1`. */
  readonly version?: string;
  /** What of the subject's side cases may need. */
  readonly can: ReadonlySet<Need>;
  /**
   * Cases that leave no trace share one running instance and its upstream, because starting is slow. Default false:
   * each case has its own.
   */
  readonly shared?: boolean;
  /** It is the work of another project. Default false: it is one of ours. */
  readonly peer?: boolean;
  /**
   * The subject is known to hang, so waiting is cut short: for a reply beyond the deadline of its query, and for a case
   * whatever that says. Milliseconds. Default: the runner's.
   */
  readonly patience?: { readonly replyMs: number; readonly caseMs: number };
  /** How many instances run at the same time. Default 8. */
  readonly concurrency?: number;
  /** The upstream's port must be this one, because the subject is running already. */
  readonly upstreamPort?: number;
  /** @throws when it does not come up. */
  start(start: SubjectStart): Promise<RunningSubject>;
}

/** Where the subject has to forward to, and how it is to be set. */
export interface SubjectStart {
  /** In order of preference. */
  readonly upstreams: readonly UpstreamTarget[];
  readonly settings: Settings;
  readonly environment: Readonly<Record<string, string>>;
  /** Public keys that an upstream may have, each the Base64 of the SHA-256 of its SubjectPublicKeyInfo. Empty: any. */
  readonly pins: readonly string[];
}

export interface UpstreamTarget {
  readonly host: string;
  readonly port: number;
  /** Empty: the upstream is known by its address alone. */
  readonly authName: string;
  readonly caPem: string;
}

/**
 * Settings that cases ask for. A subject that cannot be set so ignores them, unless the case needs `limits`.
 * Numbers ending in `Ms` are milliseconds.
 */
export interface Settings {
  /** Default `loopback`: 127.0.0.1 alone. */
  readonly listen?: 'loopback' | 'loopback-both' | 'wildcard';
  /** Default 0: the system chooses. */
  readonly port?: number;
  readonly idleTimeoutMs?: number;
  readonly writeStallMs?: number;
  readonly maxConnections?: number;
  readonly maxInFlight?: number;
  /** The deadline of a whole query. */
  readonly queryTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  readonly handshakeTimeoutMs?: number;
  /** How long a connection to the upstream may be idle before the subject closes it. */
  readonly upstreamIdleMs?: number;
  /** Queries in flight on one upstream connection. */
  readonly upstreamMaxInFlight?: number;
  /** How long stopping waits for replies in flight. */
  readonly graceMs?: number;
  readonly logQueries?: boolean;
  /** Limit of open files of the process. */
  readonly openFiles?: number;
  /** Default: nothing is kept. */
  readonly cache?: CacheSettings;
  /** Whether equal queries in flight are asked once. Default: every query is asked. */
  readonly coalesce?: boolean;
  /** Special names that are forwarded like any other: zones, without the dot at the end. Default: none. */
  readonly specialOff?: readonly string[];
  /** Ranges of addresses that may ask, as `127.0.0.0/8`. Default: the subject's own. */
  readonly allow?: readonly string[];
  /** What others get. Default `refuse`. */
  readonly denied?: 'refuse' | 'drop';
  /** What one client may ask over UDP, and what it gets beyond that. Default: no limit. */
  readonly rateLimit?: {
    readonly queriesPerSecond: number;
    readonly burst: number;
    readonly limited: 'truncate' | 'drop';
  };
  /** Whether metrics are served, on 127.0.0.1. Default false. */
  readonly admin?: boolean;
}

/** How subject and upstream are started for a case. */
export interface Setup {
  readonly settings?: Settings;
  /** What the upstream is, besides its certificate. */
  readonly upstream?: UpstreamOptions;
  /** How many upstreams the subject is given. Default 1. */
  readonly upstreams?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** The name that the subject is told to authenticate, for each upstream; empty: none. Default: the upstream's. */
  readonly authNames?: readonly string[];
  /** Public keys that the subject is told to accept: the upstream's, another, or both. Default: none, so any. */
  readonly pins?: readonly ('right' | 'wrong')[];
  /** What the authority is like that the subject trusts. Default: a good one. */
  readonly trust?: AuthorityOptions;
  /** The upstream does not listen when the case begins. */
  readonly upstreamDown?: boolean;
  /** The case may leave an instance behind that other cases should not use. */
  readonly fresh?: boolean;
}

/** What a subject says of itself. `null`: it cannot be seen. */
export interface Health {
  /** This process's own when it runs in it; 0 when it is not known. */
  readonly pid: number;
  readonly alive: boolean;
  readonly inFlight: number | null;
  /** Datagrams dropped and counted since the start. */
  readonly dropped: number | null;
}

/** How a subject that was told to stop went. */
export interface Exit {
  /** `null`: no process of its own, or ended by a signal. */
  readonly code: number | null;
  readonly signal: string | null;
}

export interface RunningSubject {
  readonly address: string;
  /** UDP and TCP. */
  readonly port: number;
  /** Where its metrics are, as `http://127.0.0.1:9353`; only with `admin`. */
  readonly adminUrl?: string | undefined;
  /** Everything it has written, as one text. */
  logs(): string;
  health(): Promise<Health>;
  /**
   * Ends it in order; settles once it is gone.
   *
   * @param options.graceMs how long to wait for replies in flight, in milliseconds. Default: not at all, where that can be
   *   said; a process that is not gone soon is killed.
   */
  stop(options?: { readonly graceMs?: number }): Promise<Exit>;
  /** Sends a signal to the process; only with `process`. */
  kill?(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): void;
  /** Settles once the process has ended; only with `process`. */
  readonly exited?: Promise<Exit>;
}
