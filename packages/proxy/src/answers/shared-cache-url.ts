/** What the address of the shared cache may be, for error messages and `--help`. */
export const SHARED_CACHE_FORMS =
  'redis://cache.example.com:6379, rediss://user:password@cache.example.com (TLS) or unix:///run/redis.sock';

const SCHEMES: ReadonlySet<string> = new Set(['redis:', 'rediss:', 'unix:']);

/**
 * Checks the address of the shared cache. It may hold a password, so the message does not show it.
 *
 * @throws {RangeError} with a message that says what it may be.
 */
export function parseSharedCacheUrl(text: string): URL {
  const url = URL.parse(text);
  const names = url?.protocol === 'unix:' ? url.pathname : url?.hostname;
  if (url === null || !SCHEMES.has(url.protocol) || names === undefined || names === '') {
    throw new RangeError(`is not the address of a shared cache; it may be ${SHARED_CACHE_FORMS}`);
  }
  return url;
}
