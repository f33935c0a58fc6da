import { statSync } from 'node:fs';
import { codeOf } from '../failures.ts';

/**
 * Looks at files again and again, and tells when one has changed. Two looks must have seen the same: what is still being
 * written is left alone. A file that is missing is not a change, since its replacement may be on the way.
 *
 * @param paths asked anew at every look: they may change too.
 * @returns a function that ends it. The process does not stay alive for it.
 */
export function watchFiles(
  paths: () => readonly string[],
  intervalMs: number,
  onChange: (path: string) => void,
): () => void {
  const told = new Map<string, string>();
  const seen = new Map<string, string>();

  function look(path: string): void {
    const now = stateOf(path);
    if (now === null) return;
    const before = seen.get(path);
    seen.set(path, now);
    if (!told.has(path)) told.set(path, now);
    if (now !== before || now === told.get(path)) return;
    told.set(path, now);
    onChange(path);
  }

  const lookAtAll = (): void => paths().forEach(look);
  lookAtAll();
  const timer = setInterval(lookAtAll, intervalMs).unref();
  return () => clearInterval(timer);
}

/** What differs when a file was written or exchanged, a link on the way to it included. */
function stateOf(path: string): string | null {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return null;
  }
}
