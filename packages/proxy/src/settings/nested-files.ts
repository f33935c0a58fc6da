import { isAbsolute, resolve } from 'node:path';
import { isTree, type SettingsTree } from './settings-layer.ts';

const FILE_KEYS: readonly string[] = ['ca', 'clientCert', 'clientKey'];

/** Makes the paths absolute that stand inside of `upstream` and `groups`. */
export function resolveNestedFiles(tree: SettingsTree, folder: string): void {
  resolveInList(tree.upstream, folder);
  if (!isTree(tree.groups)) return;
  for (const group of Object.values(tree.groups)) {
    if (!isTree(group)) continue;
    resolveIn(group, folder);
    resolveInList(group.upstream, folder);
  }
}

function resolveInList(list: unknown, folder: string): void {
  if (!Array.isArray(list)) return;
  for (const entry of list) if (isTree(entry)) resolveIn(entry, folder);
}

function resolveIn(tree: SettingsTree, folder: string): void {
  for (const key of FILE_KEYS) {
    const path = tree[key];
    if (typeof path === 'string' && path !== '' && !isAbsolute(path)) tree[key] = resolve(folder, path);
  }
}
