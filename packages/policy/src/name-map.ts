/** Values under names, in a tree: when a name is there, so is every name above it. */

import { IndexBuilder } from './index-builder.ts';
import type { NameIndex } from './name-index.ts';
import { ScannedName } from './scanned-name.ts';

/**
 * An unchanging map from names to values. The names above each name are there as well, with a value of their own, so a
 * walk down from the root ends at the first name that is missing: for most queries that is their last label.
 */
export class NameMap<Value> {
  readonly #index: NameIndex;
  readonly #values: readonly (Value | undefined)[];

  /**
   * @param entries name in lower case with its root label, as octets in latin1, and its value.
   * @param between makes the value of a name that is only there because of one below it.
   */
  constructor(entries: ReadonlyMap<string, Value>, between: () => Value) {
    const all = new Map(entries);
    for (const name of entries.keys()) {
      for (let above = parentOf(name); above !== '\0' && !all.has(above); above = parentOf(above)) {
        all.set(above, between());
      }
    }
    const builder = new IndexBuilder();
    for (const name of all.keys()) {
      builder.take(false, (target, offset) => offset + Buffer.from(name, 'latin1').copy(target, offset));
    }
    builder.enter(Number.POSITIVE_INFINITY);
    this.#index = builder.finish();
    const values: (Value | undefined)[] = Array.from({ length: this.#index.slots });
    const scanned = new ScannedName();
    for (const [name, value] of all) {
      scanned.scan(Buffer.from(name, 'latin1'), 0);
      values[this.#index.find(scanned, 0)] = value;
    }
    this.#values = values;
  }

  /** The value of the suffix of `name` that begins with `label`. */
  get(name: ScannedName, label: number): Value | undefined {
    const slot = this.#index.find(name, label);
    // An array must not be asked for -1: that is no index but a property, which is looked for in vain and slowly.
    return slot === -1 ? undefined : this.#values[slot];
  }
}

/** The name without its first label. */
export function parentOf(name: string): string {
  return name.slice(name.charCodeAt(0) + 1);
}
