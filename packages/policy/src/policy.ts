/** Answers that need no upstream: local names, special names, blocked names, in this order. */
import {
  COUNT_OFFSET,
  countOf,
  HEADER_BYTES,
  type Layout,
  NO_EDE,
  OPCODE,
  opcodeOf,
  qclassOf,
  qtypeOf,
} from '@tridot/wire';
import { type BlockAnswer, blockedStatement, EDE_BLOCKED } from './block-answer.ts';
import { BlockLists } from './block-lists.ts';
import { type PolicyLimits, policyLimits } from './limits.ts';
import { LocalNames } from './local-names.ts';
import { type LocalRecordOptions, localRecord } from './local-options.ts';
import type { PolicyObserver } from './observer.ts';
import { PolicyFiles } from './policy-files.ts';
import { CLASS_IN, type Statement, statementReply } from './record.ts';
import { ScannedName } from './scanned-name.ts';
import { SpecialAnswers } from './special-answers.ts';

export interface PolicyOptions {
  /** UDP payload size that replies tell the client, in octets: the forwarder's own. */
  readonly udpPayloadBytes: number;
  /** Special names that are not answered, out of `SPECIAL_SWITCHES`. Default: none, all are answered. */
  readonly specialOff?: readonly string[];
  /** Records of local names. Default: none. */
  readonly localRecords?: readonly LocalRecordOptions[];
  /** Hosts files with local names. Default: none. */
  readonly hostsFiles?: readonly string[];
  /** Files with names to block. Default: none. */
  readonly blockFiles?: readonly string[];
  /** Files with names that are never blocked. Default: none. */
  readonly allowFiles?: readonly string[];
  /** Whether a name in a list also stands for everything below it; `||name^` and `*.name` always do. Default: `false`. */
  readonly blockSubdomains?: boolean;
  /** What is said about a blocked name. Default: `nxdomain`. */
  readonly blockAnswer?: BlockAnswer;
  /** Default of each: `POLICY_LIMITS`. */
  readonly limits?: Partial<PolicyLimits>;
  /** Without one nobody learns of files. */
  readonly observer?: PolicyObserver;
}

/** How many queries were answered, for each reason, since the start. */
export interface PolicyCounters {
  readonly blocked: number;
  readonly local: number;
  readonly special: number;
}

export interface Policy {
  /**
   * Answers a query without asking anybody.
   *
   * @param query with QR 0, accepted by the forwarder; `layout` its layout.
   * @returns the whole reply, which may be longer than the client's datagrams and is the caller's to truncate; `null`
   *   when the query has to go upstream. Never throws.
   */
  answer(query: Buffer, layout: Layout): Buffer | null;
  readonly counters: PolicyCounters;
  /**
   * Reads all files and begins to watch them. Until then there are no lists, and local names are those of the settings.
   *
   * @throws {PolicyFileError} when one of them cannot be used; the policy is closed then.
   */
  start(): Promise<void>;
  /** Reads all files again at once, changed or not. Failures go to the observer. */
  reload(): Promise<void>;
  /** Stops watching. Answers are given as before. */
  close(): Promise<void>;
}

/**
 * Makes a policy.
 *
 * @throws {PolicyOptionError} ERR_SPECIAL_NAME or ERR_LOCAL_RECORD: settings that cannot be obeyed.
 */
export function createPolicy(options: PolicyOptions): Policy {
  return new NamePolicy(options);
}

class NamePolicy implements Policy {
  readonly counters = { blocked: 0, local: 0, special: 0 };
  readonly #udpPayloadBytes: number;
  readonly #blockAnswer: BlockAnswer;
  readonly #blockTtlSeconds: number;
  readonly #special: SpecialAnswers;
  readonly #lists: BlockLists;
  readonly #files: PolicyFiles;
  readonly #name = new ScannedName();
  #local: LocalNames;

  constructor(options: PolicyOptions) {
    const { blockFiles = [], allowFiles = [], hostsFiles = [], localRecords = [] } = options;
    const limits = policyLimits(options.limits);
    const records = localRecords.map((record) => localRecord(record, limits.localTtlSeconds));
    this.#udpPayloadBytes = options.udpPayloadBytes;
    this.#blockAnswer = options.blockAnswer ?? 'nxdomain';
    this.#blockTtlSeconds = limits.blockTtlSeconds;
    this.#special = new SpecialAnswers(options.specialOff ?? []);
    this.#local = new LocalNames(records, [], limits.localTtlSeconds);
    this.#lists = new BlockLists(blockFiles.length, allowFiles.length);
    this.#files = new PolicyFiles({
      block: blockFiles,
      allow: allowFiles,
      hosts: hostsFiles,
      subdomains: options.blockSubdomains ?? false,
      limits,
      observer: options.observer ?? null,
      lists: this.#lists,
      onHosts: (hosts) => {
        this.#local = new LocalNames(records, hosts, limits.localTtlSeconds);
      },
    });
  }

  answer(query: Buffer, layout: Layout): Buffer | null {
    if (!isAboutNames(query, layout)) return null;
    const name = this.#name;
    name.scan(query, HEADER_BYTES);
    const qtype = qtypeOf(query, layout);
    const local = this.#local.answer(name, qtype);
    if (local !== null) {
      this.counters.local++;
      return this.#reply(query, layout, local, NO_EDE);
    }
    const special = this.#special.answer(name, qtype, this.#local);
    if (special !== null) {
      this.counters.special++;
      return this.#reply(query, layout, special, NO_EDE);
    }
    const label = this.#lists.blocked(name);
    if (label === -1) return null;
    this.counters.blocked++;
    const blocked = blockedStatement(this.#blockAnswer, name, label, qtype, this.#blockTtlSeconds);
    return this.#reply(query, layout, blocked, EDE_BLOCKED);
  }

  start(): Promise<void> {
    return this.#files.start();
  }

  reload(): Promise<void> {
    return this.#files.reload();
  }

  close(): Promise<void> {
    return this.#files.close();
  }

  #reply(query: Buffer, layout: Layout, statement: Statement, ede: number): Buffer {
    return statementReply(query, layout, statement, ede, this.#udpPayloadBytes);
  }
}

/** Names have these meanings in queries (opcode 0) of class IN alone; an UPDATE of 10.in-addr.arpa is no query. */
function isAboutNames(query: Buffer, layout: Layout): boolean {
  return (
    layout.fault === null &&
    opcodeOf(query) === OPCODE.QUERY &&
    countOf(query, COUNT_OFFSET.QUESTION) === 1 &&
    qclassOf(query, layout) === CLASS_IN
  );
}
