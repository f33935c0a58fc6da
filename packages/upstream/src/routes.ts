import { HEADER_BYTES } from '@tridot/wire';

/** Most labels that a name of 255 octets has. */
const MAX_LABELS = 127;
const MAX_LABEL_BYTES = 63;
/** FNV-1a, 32 bits. */
const HASH_START = 0x811c9dc5;
const HASH_PRIME = 0x01000193;

/** One domain name, seen from the root. */
interface Node<T> {
  /** In lower case. */
  readonly label: Buffer;
  /** By the hash of their labels; those that share one are chained. */
  readonly below: Map<number, Node<T>[]>;
  match: RouteMatch<T> | null;
}

/** The route that a name belongs to. */
export interface RouteMatch<T> {
  /** As it was written in the settings. */
  readonly suffix: string;
  readonly target: T;
}

/**
 * Finds the longest of some domain names that a name ends in, label by label from the root, on the octets of the message.
 */
export class Routes<T> {
  readonly #root: Node<T> = { label: Buffer.alloc(0), below: new Map(), match: null };
  /** Where the labels of the name at hand begin. */
  readonly #starts = new Uint16Array(MAX_LABELS);

  /** @param suffix for which {@link labelsOf} is not `null`. */
  add(suffix: string, target: T): void {
    let node = this.#root;
    for (const label of (labelsOf(suffix) ?? []).reverse()) {
      const hash = hashOf(label, 0, label.length);
      let next = childOf(node, hash, label, 0, label.length);
      if (next === undefined) {
        next = { label, below: new Map(), match: null };
        const chained = node.below.get(hash);
        if (chained === undefined) node.below.set(hash, [next]);
        else chained.push(next);
      }
      node = next;
    }
    node.match = { suffix, target };
  }

  /** @param qnameEnd end of the first question's name, which has no pointers and begins behind the header. */
  find(message: Buffer, qnameEnd: number): RouteMatch<T> | null {
    const starts = this.#starts;
    let labels = 0;
    for (let at = HEADER_BYTES; at < qnameEnd - 1 && labels < MAX_LABELS; at += 1 + (message[at] ?? 0)) {
      starts[labels++] = at;
    }
    let node: Node<T> | undefined = this.#root;
    let found = node.match;
    while (labels > 0) {
      const start: number = starts[--labels] ?? 0;
      const from = start + 1;
      const to = from + (message[start] ?? 0);
      node = childOf(node, hashOf(message, from, to), message, from, to);
      if (node === undefined) break;
      found = node.match ?? found;
    }
    return found;
  }
}

/** The labels of a domain name, in lower case and in order; `null` when it is none. A final dot is allowed, `.` is the root. */
export function labelsOf(name: string): Buffer[] | null {
  const text = name.endsWith('.') ? name.slice(0, -1) : name;
  if (text === '') return name === '.' ? [] : null;
  const labels = text.toLowerCase().split('.');
  if (!labels.every((label) => /^[!-[\]-~]+$/.test(label) && label.length <= MAX_LABEL_BYTES)) return null;
  return text.length > 253 ? null : labels.map((label) => Buffer.from(label, 'latin1'));
}

function childOf<T>(
  node: Node<T>,
  hash: number,
  octets: Buffer,
  from: number,
  to: number,
): Node<T> | undefined {
  const chained = node.below.get(hash);
  if (chained === undefined) return undefined;
  for (const child of chained) if (isLabel(child.label, octets, from, to)) return child;
  return undefined;
}

function isLabel(label: Buffer, octets: Buffer, from: number, to: number): boolean {
  if (label.length !== to - from) return false;
  for (let at = from; at < to; at++) if (label[at - from] !== lowerCase(octets[at] ?? 0)) return false;
  return true;
}

function hashOf(octets: Buffer, from: number, to: number): number {
  let hash = HASH_START;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ lowerCase(octets[at] ?? 0), HASH_PRIME);
  return hash;
}

function lowerCase(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
}
