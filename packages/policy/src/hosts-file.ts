/** Hosts files (hosts(5)) as a source of local records. */
import { addressOctets, reverseName } from './addresses.ts';
import { PolicyFileError } from './errors.ts';
import { type LineSink, readLines } from './file-lines.ts';
import { hostNameOctets } from './host-name.ts';
import type { Ignored } from './observer.ts';
import { contentEnd, fieldEnd, fieldText, skipBlanks } from './text-fields.ts';

/** One line: an address and the names of its host, the first of them the one that the address is called. */
export interface Host {
  readonly address: Buffer;
  /** Octets of the name that the address has when it is asked for; `null` for an address that nobody has. */
  readonly reverse: Buffer | null;
  /** Octets of each name, in lower case. */
  readonly names: readonly Buffer[];
}

export interface HostsFile {
  readonly hosts: readonly Host[];
  readonly ignored: Readonly<Ignored>;
}

export const EMPTY_HOSTS: HostsFile = { hosts: [], ignored: { invalid: 0, unsupported: 0, overlong: 0 } };

/**
 * Reads a hosts file.
 *
 * @param maxNames one name more is an error.
 * @throws {PolicyFileError} ERR_LIST_UNREADABLE, ERR_LIST_UNUSABLE, ERR_LIST_TOO_LONG or ERR_LIST_CLOSED.
 */
export async function readHostsFile(
  file: string,
  maxNames: number,
  isWanted: () => boolean,
): Promise<HostsFile> {
  const lines = new HostsLines(file, maxNames);
  const bytes = await readLines(file, lines, isWanted);
  if (bytes === 0) throw new PolicyFileError('ERR_LIST_UNUSABLE', file, 'is empty');
  if (lines.hosts.length === 0 && !lines.hasComment) {
    throw new PolicyFileError('ERR_LIST_UNUSABLE', file, 'has no line that could be used');
  }
  return { hosts: lines.hosts, ignored: lines.ignored };
}

const HASH = 0x23;

class HostsLines implements LineSink {
  readonly hosts: Host[] = [];
  readonly ignored: Ignored = { invalid: 0, unsupported: 0, overlong: 0 };
  hasComment = false;
  readonly #file: string;
  readonly #maxNames: number;
  #names = 0;

  constructor(file: string, maxNames: number) {
    this.#file = file;
    this.#maxNames = maxNames;
  }

  overlong(): void {
    this.ignored.overlong++;
  }

  line(octets: Uint8Array, lineFrom: number, lineTo: number): void {
    const from = skipBlanks(octets, lineFrom, lineTo);
    if (from === lineTo) return;
    if (octets[from] === HASH) {
      this.hasComment = true;
      return;
    }
    const to = contentEnd(octets, from, lineTo);
    const addressEnd = fieldEnd(octets, from, to);
    const text = fieldText(octets, from, addressEnd);
    const address = addressOctets(text);
    if (address === null) {
      // An address with a zone, such as fe80::1%lo0, means something on one machine only.
      if (text.includes('%')) this.ignored.unsupported++;
      else this.ignored.invalid++;
      return;
    }
    const names = this.#namesOf(octets, addressEnd, to);
    if (names.length === 0) return;
    const isUnspecified = address.every((octet) => octet === 0);
    const reverse = isUnspecified ? null : hostNameOctets(reverseName(address));
    this.hosts.push({ address, reverse, names });
  }

  #namesOf(octets: Uint8Array, from: number, to: number): Buffer[] {
    const names: Buffer[] = [];
    for (let at = skipBlanks(octets, from, to); at < to; ) {
      const end = fieldEnd(octets, at, to);
      const name = hostNameOctets(Buffer.from(octets.subarray(at, end)).toString('utf8'));
      if (name === null) this.ignored.invalid++;
      else names.push(name);
      at = skipBlanks(octets, end, to);
    }
    this.#names += names.length + 1;
    if (this.#names > this.#maxNames) {
      throw new PolicyFileError(
        'ERR_LIST_TOO_LONG',
        this.#file,
        `has more names and addresses than the limit of ${this.#maxNames}`,
      );
    }
    return names;
  }
}
