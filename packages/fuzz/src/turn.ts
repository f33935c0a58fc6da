/** Settles after the event loop has gone round once: what is in the sockets has then been read. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Settles with what the promise settles with, or with `late` after so many milliseconds. */
export async function within<T, L>(promise: Promise<T>, waitMs: number, late: L): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined;
  const lateness = new Promise<L>((resolve) => {
    timer = setTimeout(() => resolve(late), waitMs);
  });
  try {
    return await Promise.race([promise, lateness]);
  } finally {
    clearTimeout(timer);
  }
}
