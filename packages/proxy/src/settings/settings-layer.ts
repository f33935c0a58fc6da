/** A tree of settings as it was written: not checked yet. */
export interface SettingsTree {
  [key: string]: unknown;
}

/** One place that settings come from. */
export interface SettingsLayer {
  readonly tree: SettingsTree;
  /**
   * What an error line calls the setting at a place of the tree, such as `--log-level` or `tridot.yaml:3: log.level`.
   *
   * @param below the way from an option to a place inside of its value.
   */
  nameOf(key: string, below?: readonly string[]): string;
}

export function isTree(value: unknown): value is SettingsTree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at `log.level`; `undefined` when there is none. */
export function valueAt(tree: SettingsTree, key: string): unknown {
  let value: unknown = tree;
  for (const part of key.split('.')) {
    if (!isTree(value) || !Object.hasOwn(value, part)) return undefined;
    value = value[part];
  }
  return value;
}

/** Puts a value at `log.level`, with the groups on the way to it. */
export function setValueAt(tree: SettingsTree, key: string, value: unknown): void {
  const parts = key.split('.');
  const last = parts.pop() ?? key;
  let group = tree;
  for (const part of parts) {
    const below = group[part];
    const next = isTree(below) ? below : {};
    group[part] = next;
    group = next;
  }
  group[last] = value;
}

/** `TRIDOT_GROUPS: corp.selection` for a place inside the value of an option. */
export function placeIn(option: string, below: readonly string[]): string {
  return below.length === 0 ? option : `${option}: ${below.join('.')}`;
}
