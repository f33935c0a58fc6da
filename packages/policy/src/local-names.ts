/** Local names and what is said about them. */
import { RCODE } from '@tridot/wire';
import { PolicyOptionError } from './errors.ts';
import type { Host } from './hosts-file.ts';
import { MAX_ALIASES, MAX_RECORDS_BYTES } from './limits.ts';
import type { OwnedRecord } from './local-options.ts';
import { NameMap } from './name-map.ts';
import { nameKey } from './presentation-name.ts';
import {
  encodeRecord,
  encodeSoa,
  found,
  type LocalRecord,
  nothing,
  qnameOwner,
  recordBytes,
  type Statement,
  TYPE,
} from './record.ts';
import { ScannedName } from './scanned-name.ts';

/** The records of one name. Without any it is only there because of names below it. */
interface Node {
  records: LocalRecord[];
  /** Records of the wildcard directly below this name, if there is one. */
  wildcard: LocalRecord[] | null;
}

/** Where a name belongs. */
type Found =
  /** Neither local nor below a local name. */
  | null
  /** Local, with these records; none when it only exists because of names below it. */
  | { readonly records: readonly LocalRecord[]; readonly isAnswered: boolean };

/** All local names, from the settings and the hosts files; made again when one of those files has changed. */
export class LocalNames {
  readonly #nodes: NameMap<Node>;
  readonly #ttlSeconds: number;
  readonly #target = new ScannedName();

  /**
   * @param ttlSeconds of records from hosts files and of negative answers.
   * @throws {PolicyOptionError} ERR_LOCAL_RECORD: records of the settings contradict each other.
   */
  constructor(records: readonly OwnedRecord[], hosts: readonly Host[], ttlSeconds: number) {
    const nodes = new Map<string, Node>();
    for (const owned of records) addRecord(nodes, owned);
    for (const host of hosts) addHost(nodes, host, ttlSeconds);
    this.#nodes = new NameMap(nodes, newNode);
    this.#ttlSeconds = ttlSeconds;
  }

  /** Whether the name is local, or has local names below it. */
  exists(name: ScannedName): boolean {
    return this.#find(name) !== null;
  }

  /** @returns `null`: the name is not local. */
  answer(name: ScannedName, qtype: number): Statement | null {
    const here = this.#find(name);
    return here?.isAnswered ? this.#say(here.records, qtype) : null;
  }

  #find(name: ScannedName): Found {
    let closest: Node | null = null;
    let wildcardAbove = false;
    for (let label = name.labels - 1; label >= 0; label--) {
      const node = this.#nodes.get(name, label);
      // The closest name that exists decides: only a wildcard directly below it counts (RFC 4592 §3.3.1).
      if (node === undefined) {
        return closest?.wildcard ? { records: closest.wildcard, isAnswered: true } : null;
      }
      if (label === 0) return { records: node.records, isAnswered: node.records.length > 0 || wildcardAbove };
      if (node.wildcard !== null) wildcardAbove = true;
      closest = node;
    }
    return null;
  }

  /** What is said, aliases followed as long as they lead to local names (RFC 1034 §4.3.2). */
  #say(first: readonly LocalRecord[], qtype: number): Statement {
    const answers: Buffer[] = [];
    let owner: Uint8Array = qnameOwner(0);
    let records = first;
    const followed = [first];
    for (;;) {
      for (const record of records) {
        if (record.type === qtype || qtype === TYPE.ANY) answers.push(encodeRecord(owner, record));
      }
      const alias = qtype === TYPE.ANY ? undefined : records.find(({ type }) => type === TYPE.CNAME);
      if (alias === undefined || alias.type === qtype) break;
      answers.push(encodeRecord(owner, alias));
      owner = alias.rdata;
      this.#target.scan(owner, 0);
      const next = this.#find(this.#target);
      // The reply then ends with the alias: whoever asked has to ask for the target itself.
      if (!next?.isAnswered || followed.includes(next.records) || followed.length > MAX_ALIASES) {
        return found(answers);
      }
      records = next.records;
      followed.push(records);
    }
    const isThere = records.some(({ type }) => type === qtype || qtype === TYPE.ANY);
    if (isThere) return found(answers);
    return { ...nothing(RCODE.NOERROR, encodeSoa(owner, this.#ttlSeconds)), answers };
  }
}

const newNode = (): Node => ({ records: [], wildcard: null });

function nodeOf(nodes: Map<string, Node>, name: Buffer): Node {
  const key = nameKey(name);
  const node = nodes.get(key) ?? newNode();
  nodes.set(key, node);
  return node;
}

function addRecord(nodes: Map<string, Node>, { owner, isWildcard, record }: OwnedRecord): void {
  const node = nodeOf(nodes, owner);
  if (isWildcard) node.wildcard ??= [];
  const records = isWildcard ? (node.wildcard ?? []) : node.records;
  const [first] = records;
  const isAlias = record.type === TYPE.CNAME || first?.type === TYPE.CNAME;
  const problem =
    first !== undefined && isAlias ? 'an alias can have no other record beside it' : add(records, record);
  if (problem !== null) {
    const name = owner
      .toString('latin1')
      .replace(/[^!-~]/g, '.')
      .slice(1, -1);
    throw new PolicyOptionError(
      'ERR_LOCAL_RECORD',
      `local records of ${isWildcard ? '*.' : ''}${name}: ${problem}`,
    );
  }
}

/** An address may stand in many lines and in the settings as well; what the settings say of a name's alias stands. */
function addHost(nodes: Map<string, Node>, { address, reverse, names }: Host, ttlSeconds: number): void {
  const type = address.length === 4 ? TYPE.A : TYPE.AAAA;
  for (const name of names) {
    const { records } = nodeOf(nodes, name);
    if (records[0]?.type !== TYPE.CNAME) add(records, { type, ttlSeconds, rdata: address });
  }
  const [canonical] = names;
  if (reverse === null || canonical === undefined) return;
  const { records } = nodeOf(nodes, reverse);
  // The first line of an address names it, and the settings come before all lines.
  if (records.length === 0) add(records, { type: TYPE.PTR, ttlSeconds, rdata: canonical });
}

/** @returns why it cannot be added, or `null`. A record that is there already is left as it is. */
function add(records: LocalRecord[], record: LocalRecord): string | null {
  if (records.some(({ type, rdata }) => type === record.type && rdata.equals(record.rdata))) return null;
  const bytes = records.reduce((sum, other) => sum + recordBytes(other), recordBytes(record));
  if (bytes > MAX_RECORDS_BYTES) return `more than ${MAX_RECORDS_BYTES} octets do not fit into one reply`;
  records.push(record);
  return null;
}
