/** Which queries are compared. For the others this is all that the package costs. */
import { HEADER_BYTES, OPCODE, type OutgoingQuery, TYPE } from '@tridot/wire';
import { AgreementOptionError } from './errors.ts';
import { lowerCase } from './name.ts';

const MAX_LABELS = 127;
const MAX_NAME_BYTES = 255;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
/** FNV-1a, cut to what an engine keeps as a small integer. Names that collide cost one comparison each. */
const HASH_START = 0x811c9dc5 | 0;
const HASH_PRIME = 0x01000193;
const SMALL_INTEGER = 0x3fff_ffff;
/** Makes a letter's case nothing to the hash, and a few other octets the same too. */
const CASE_BIT = 0x20;

/** Marks in the filter: a longer suffix goes on from here, or one ends here. Other names may share a mark. */
const GOES_ON = 1;
const ENDS = 2;
/** Places for each mark, so that a name that is not chosen seldom meets one. */
const PLACES_FOR_A_MARK = 16;
const MIN_PLACES = 256;
/** RFC 8482: each resolver answers ANY as it likes. */
const ANY = 255;

export interface Choice {
  /** Names; each stands for itself and all below it. `.` is every name. */
  readonly suffixes: readonly string[];
  /** 0 to 1, of the queries that no suffix chooses. */
  readonly sampleRate: number;
  /** In [0, 1). */
  readonly random: () => number;
}

export class ChosenQueries {
  readonly #suffixes = new Map<number, Buffer[]>();
  readonly #labelStarts = new Uint8Array(MAX_LABELS + 1);
  readonly #sampleRate: number;
  readonly #random: () => number;
  readonly #all: boolean;
  readonly #filter: Uint8Array;
  readonly #filterMask: number;

  /** @throws {AgreementOptionError} ERR_AGREEMENT_OPTION: a suffix is no name. */
  constructor({ suffixes, sampleRate, random }: Choice) {
    this.#all = suffixes.includes('.');
    this.#sampleRate = sampleRate;
    this.#random = random;
    const names = suffixes.filter((suffix) => suffix !== '.').map(wireSuffix);
    const marks = names.reduce((sum, { labelStarts }) => sum + labelStarts.length, 0);
    const places = names.length === 0 ? 0 : placesFor(marks);
    this.#filter = new Uint8Array(places);
    this.#filterMask = places - 1;
    for (const name of names) this.#add(name);
  }

  has(query: OutgoingQuery): boolean {
    if (!this.#all && !this.#matches(query) && !this.#isSampled()) return false;
    return isComparable(query);
  }

  #isSampled(): boolean {
    return this.#sampleRate > 0 && this.#random() < this.#sampleRate;
  }

  /** Hashes the name from its last label on, as long as some suffix goes on the same way. */
  #matches({ message, qnameEnd }: OutgoingQuery): boolean {
    if (this.#filter.length === 0) return false;
    const starts = this.#labelStarts;
    const last = qnameEnd - 1;
    let labels = 0;
    for (let at = HEADER_BYTES; at < last && labels < MAX_LABELS; at += 1 + (message[at] ?? 0))
      starts[labels++] = at - HEADER_BYTES;
    let hash = HASH_START;
    let end = last;
    for (let i = labels - 1; i >= 0; i--) {
      const start = HEADER_BYTES + (starts[i] ?? 0);
      hash = hashOn(hash, message, start, end);
      const mark = this.#filter[placeOf(hash) & this.#filterMask] ?? 0;
      if (mark === 0) return false;
      if ((mark & ENDS) !== 0 && this.#isSuffix(hash, message, start, last)) return true;
      end = start;
    }
    return false;
  }

  #isSuffix(hash: number, message: Buffer, from: number, to: number): boolean {
    const suffixes = this.#suffixes.get(hash & SMALL_INTEGER);
    return suffixes?.some((suffix) => isNameAt(message, from, to, suffix)) ?? false;
  }

  #add({ octets, labelStarts }: WireSuffix): void {
    let hash = HASH_START;
    let end = octets.length;
    for (const start of labelStarts.toReversed()) {
      hash = hashOn(hash, octets, start, end);
      const place = placeOf(hash) & this.#filterMask;
      this.#filter[place] = (this.#filter[place] ?? 0) | (start === 0 ? ENDS : GOES_ON);
      end = start;
    }
    const key = hash & SMALL_INTEGER;
    this.#suffixes.set(key, [...(this.#suffixes.get(key) ?? []), octets]);
  }
}

/** A suffix as it lies in a message, in lower case, without the root label. */
interface WireSuffix {
  readonly octets: Buffer;
  readonly labelStarts: readonly number[];
}

function wireSuffix(suffix: string): WireSuffix {
  const labels = suffix.replace(/\.$/, '').toLowerCase().split('.');
  const labelStarts: number[] = [];
  let end = 0;
  for (const label of labels) {
    labelStarts.push(end);
    end += 1 + label.length;
  }
  if (!labels.every((label) => LABEL.test(label)) || end >= MAX_NAME_BYTES)
    throw new AgreementOptionError(`suffixes has ${JSON.stringify(suffix)}; it may hold domain names`);
  const octets = Buffer.concat(
    labels.map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`)),
  );
  return { octets, labelStarts };
}

function placesFor(marks: number): number {
  let places = MIN_PLACES;
  while (places < marks * PLACES_FOR_A_MARK) places *= 2;
  return places;
}

/** The lower bits of FNV are its worst. */
function placeOf(hash: number): number {
  return hash ^ (hash >>> 15);
}

/** Plain questions alone: nothing that changes data, that is signed by its sender, or that is answered as one likes. */
function isComparable({ message, opcode, optOffset, qnameEnd, questionEnd }: OutgoingQuery): boolean {
  if (opcode !== OPCODE.QUERY || optOffset === -1 || questionEnd !== qnameEnd + 4) return false;
  const qtype = message.readUInt16BE(qnameEnd);
  return qtype !== TYPE.AXFR && qtype !== TYPE.IXFR && qtype !== ANY;
}

function hashOn(hash: number, octets: Buffer, from: number, to: number): number {
  let h = hash;
  for (let i = from; i < to; i++) h = Math.imul(h ^ ((octets[i] ?? 0) | CASE_BIT), HASH_PRIME);
  return h;
}

function isNameAt(message: Buffer, from: number, to: number, name: Buffer): boolean {
  if (to - from !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (lowerCase(message[from + i] ?? 0) !== name[i]) return false;
  return true;
}
