import type { CaseContext } from './context.ts';
import type { Setup, Transport } from './subject.ts';

/** MUST and SHOULD as the RFC has it, or a MUST for privacy and safety; POLICY where the RFCs leave the choice open. */
export type Level = 'MUST' | 'SHOULD' | 'POLICY';

/** What a case needs of the subject or of the machine. Without it the case is not applicable, which is no failure. */
export type Need =
  /** Instances can be started at will, on ports of the case's choice. */
  | 'start'
  /** It counts as started before its upstream has answered. */
  | 'starts-unready'
  /** How it stops can be watched: replies in flight, exit code. */
  | 'drains'
  /** The subject takes small limits: idle time, connections, deadlines. */
  | 'limits'
  /** Its deadline for a whole query can be set. */
  | 'deadline'
  /** It is a child process of ours: signals, exit codes, resident memory, open files. */
  | 'process'
  /** Its limit of open files can be set. */
  | 'open-files'
  /** It runs in this process: `close()` can be called in every state. */
  | 'in-process'
  /** It can be told to use several upstreams in order. */
  | 'two-upstreams'
  /** It can serve 127.0.0.1 and ::1 on one port, and the machine has ::1. */
  | 'ipv6'
  /** It can be told to serve every local address. */
  | 'wildcard'
  /** It can log each query. */
  | 'query-log'
  /** It counts datagrams that it drops. */
  | 'counters'
  /** An upstream can be given by its address alone, without a name to authenticate. */
  | 'upstream-by-address'
  /** Datagrams with forged addresses can be sent: root, and Python for its raw sockets. */
  | 'raw-sockets'
  /** Ports below 1024 can be bound. */
  | 'low-ports'
  /** `ss` shows socket buffers. */
  | 'ss'
  /** It can be told to keep responses, or not to. */
  | 'cache'
  /** It can be told to ask once for equal queries in flight, or not to. */
  | 'coalescing'
  /** It can give answers past their TTL when no new one can be had. */
  | 'serve-stale'
  /** It can take "this name does not exist" for all names below. */
  | 'nxdomain-cut'
  /** Special names can be switched off one by one. */
  | 'special-off'
  /** It can be told which addresses may ask, and what the others get. */
  | 'allow'
  /** It can be told how often a client may ask, and what it gets beyond that. */
  | 'rate-limit'
  /** It serves its metrics over HTTP. */
  | 'admin'
  /** It can be told which public keys an upstream may have. */
  | 'pins';

/** One required behaviour. */
export interface ConformanceCase {
  /** The requirement's number, and after a dot which of its cases this is: `U4`, `U4.header-only`. */
  readonly id: string;
  readonly level: Level;
  /** For example `RFC 1035 §4.1.1`; empty where no RFC says it. */
  readonly reference: string;
  /** `MUST …`, `SHOULD …`; without the reference. */
  readonly title: string;
  /** The case runs once over each. */
  readonly transports: readonly Transport[];
  readonly needs?: readonly Need[];
  /** How subject and upstream are started for it. */
  readonly setup?: Setup;
  /**
   * `varies`: what clients see is not the same in every run, so it is not compared between subjects.
   * Default `fixed`.
   */
  readonly outcome?: 'fixed' | 'varies';
  /** None of the forwarders of others that were graded passes it: why, in a few words. */
  readonly oursAlone?: string;
  /** It measures a few milliseconds: nothing else runs meanwhile. */
  readonly alone?: boolean;
  /** Milliseconds; default 30 000. */
  readonly timeoutMs?: number;
  /** @throws when the subject does not behave so. */
  run(context: CaseContext): Promise<void>;
}

export const UDP: readonly Transport[] = ['udp'];
export const TCP: readonly Transport[] = ['tcp'];
export const BOTH: readonly Transport[] = ['udp', 'tcp'];

/** `MUST accept a length prefix split across segments (RFC 1035 §4.2.2)`. */
export function titleOf({ title, reference }: Pick<ConformanceCase, 'title' | 'reference'>): string {
  return reference === '' ? title : `${title} (${reference})`;
}

/** The letter of the group that a case belongs to. */
export function sectionOf(id: string): string {
  return id.charAt(0);
}
