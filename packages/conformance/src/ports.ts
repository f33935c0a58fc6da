/**
 * Ports that stay a case's own while nobody listens on them, as when its upstream is down. They lie below those that Linux
 * gives to port 0 (32768 and up), so that no other socket is given one meanwhile.
 */
const FIRST_PORT = 20_000;
const WINDOWS = 20;
const WINDOW = 500;

// Test runners start processes at the same time, with process ids that follow each other: each has its own window.
const windowStart = FIRST_PORT + (process.pid % WINDOWS) * WINDOW;
let used = Math.floor(Math.random() * WINDOW);

/** A port that no other case of this process has been given lately. It may be taken by somebody else. */
export function nextPort(): number {
  used += 1;
  return windowStart + (used % WINDOW);
}

/** Tries ports until one is free. @throws what `open` throws, when that is not EADDRINUSE. */
export async function onFreePort<T>(open: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await open(nextPort());
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!taken || attempt >= WINDOW) throw error;
    }
  }
}
