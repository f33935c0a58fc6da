/** The lines of block and allow lists: hosts files, plain names, and the rules of ad blockers that are about names. */
import { isIP } from 'node:net';
import { PolicyFileError } from './errors.ts';
import type { LineSink } from './file-lines.ts';
import { writeHostName } from './host-name.ts';
import { IndexBuilder } from './index-builder.ts';
import type { Ignored } from './observer.ts';
import { contentEnd, fieldEnd, fieldText, skipBlanks } from './text-fields.ts';

const EXCLAMATION = 0x21;
const HASH = 0x23;
const ASTERISK = 0x2a;
const DOT = 0x2e;
const AT = 0x40;
const BRACKET = 0x5b;
const CARET = 0x5e;
const BAR = 0x7c;

/** The addresses that mean "blocked" in a hosts file; with any other one the line is about a real host. */
const SINKS = ['0.0.0.0', '127.0.0.1', '::', '::1', '0'].map((text) => Buffer.from(text));

/** One label alone blocks a whole top-level domain, which only an explicit rule may do: `||name^` or `*.name`. */
const MIN_PLAIN_LABELS = 2;

/**
 * Reads lines into two sets of names: those that the list is about, and the exceptions that it makes (`@@||name^`). What
 * is not understood is never guessed at, but counted.
 */
export class ListLines implements LineSink {
  readonly listed: IndexBuilder;
  readonly excepted = new IndexBuilder();
  readonly ignored: Ignored = { invalid: 0, unsupported: 0, overlong: 0 };
  /** Whether there was a comment: a list of nothing but comments is meant to be empty. */
  hasComment = false;
  readonly #file: string;
  readonly #subdomains: boolean;
  readonly #maxNames: number;

  /**
   * @param subdomains whether a name without a mark of its own stands for everything below as well.
   * @param maxNames one name more ends the reading with an error.
   * @param expectedBytes a guess at the octets of all names.
   */
  constructor(file: string, subdomains: boolean, maxNames: number, expectedBytes: number) {
    this.#file = file;
    this.#subdomains = subdomains;
    this.#maxNames = maxNames;
    this.listed = new IndexBuilder(expectedBytes);
  }

  overlong(): void {
    this.ignored.overlong++;
  }

  line(octets: Uint8Array, lineFrom: number, lineTo: number): void {
    const from = skipBlanks(octets, lineFrom, lineTo);
    if (from === lineTo) return;
    const first = octets[from];
    if (first === HASH || first === EXCLAMATION || first === BRACKET) {
      this.hasComment = true;
      return;
    }
    const to = contentEnd(octets, from, lineTo);
    if (first === BAR || first === AT) this.#rule(octets, from, to);
    else {
      const end = fieldEnd(octets, from, to);
      if (end === to) this.#plain(octets, from, to);
      else this.#hosts(octets, from, end, to);
    }
  }

  /** `||name^` stands for a name and everything below; `@@||name^` makes an exception of it. */
  #rule(octets: Uint8Array, lineFrom: number, to: number): void {
    let from = lineFrom;
    const isException = octets[from] === AT;
    if (isException) from += octets[from + 1] === AT ? 2 : 0;
    const isRule = octets[from] === BAR && octets[from + 1] === BAR && octets[to - 1] === CARET;
    // With options or patterns a rule is about some pages or some requests, and a name cannot stand for those.
    if (!isRule) this.ignored.unsupported++;
    else if (isException) this.#take(this.excepted, octets, from + 2, to - 1, true, 1);
    else this.#take(this.listed, octets, from + 2, to - 1, true, 1);
  }

  #plain(octets: Uint8Array, from: number, to: number): void {
    if (octets[from] === ASTERISK && octets[from + 1] === DOT) {
      this.#take(this.listed, octets, from + 2, to, true, 1);
    } else {
      this.#take(this.listed, octets, from, to, this.#subdomains, MIN_PLAIN_LABELS);
    }
  }

  #hosts(octets: Uint8Array, from: number, addressEnd: number, to: number): void {
    if (!isSink(octets, from, addressEnd)) {
      if (isIP(fieldText(octets, from, addressEnd)) === 0) this.ignored.invalid++;
      else this.ignored.unsupported++;
      return;
    }
    for (let at = skipBlanks(octets, addressEnd, to); at < to; ) {
      const end = fieldEnd(octets, at, to);
      // Lists begin with "127.0.0.1 localhost" and its like, which is no wish to block it.
      if (hasDot(octets, at, end))
        this.#take(this.listed, octets, at, end, this.#subdomains, MIN_PLAIN_LABELS);
      else this.ignored.unsupported++;
      at = skipBlanks(octets, end, to);
    }
  }

  #take(
    names: IndexBuilder,
    octets: Uint8Array,
    from: number,
    to: number,
    below: boolean,
    minLabels: number,
  ): void {
    const taken = names.take(below, (target, offset) =>
      writeHostName(octets, from, to, target, offset, minLabels),
    );
    if (!taken) this.ignored.invalid++;
    else if (this.listed.count + this.excepted.count > this.#maxNames) {
      throw new PolicyFileError(
        'ERR_LIST_TOO_LONG',
        this.#file,
        `has more names than the ${this.#maxNames} that are left of the limit`,
      );
    }
  }
}

function isSink(octets: Uint8Array, from: number, to: number): boolean {
  return SINKS.some(
    (sink) => sink.length === to - from && sink.every((octet, i) => octets[from + i] === octet),
  );
}

function hasDot(octets: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (octets[at] === DOT) return true;
  return false;
}
