/** Which names are blocked, by all lists together. */
import { EMPTY_LIST, type NameList, namesIn } from './name-list.ts';
import type { ScannedName } from './scanned-name.ts';

/** The lists in use, one for each file; each is replaced as a whole when its file has changed. */
export class BlockLists {
  readonly #block: NameList[];
  readonly #allow: NameList[];

  constructor(blockFiles: number, allowFiles: number) {
    this.#block = Array.from({ length: blockFiles }, () => EMPTY_LIST);
    this.#allow = Array.from({ length: allowFiles }, () => EMPTY_LIST);
  }

  /** Names in all lists. */
  get names(): number {
    return [...this.#block, ...this.#allow].reduce((sum, list) => sum + namesIn(list), 0);
  }

  get(kind: 'block' | 'allow', file: number): NameList {
    return (kind === 'block' ? this.#block : this.#allow)[file] ?? EMPTY_LIST;
  }

  set(kind: 'block' | 'allow', file: number, list: NameList): void {
    (kind === 'block' ? this.#block : this.#allow)[file] = list;
  }

  /** The label of `name` with which the blocked name begins; -1 when it is not blocked, or allowed. */
  blocked(name: ScannedName): number {
    for (const list of this.#block) {
      const label = list.listed.covering(name);
      if (label !== -1) return this.#allowed(name) ? -1 : label;
    }
    return -1;
  }

  #allowed(name: ScannedName): boolean {
    return (
      this.#allow.some((list) => list.listed.covering(name) !== -1 || list.excepted.covering(name) !== -1) ||
      this.#block.some((list) => list.excepted.covering(name) !== -1)
    );
  }
}
