import { oneLine } from '../logging/one-line.ts';

const HIDDEN = '***';

/** User name and password of a URL. Nothing in them may be shown, so the last @ before the path ends them. */
const CREDENTIALS = /^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i;
/** A query part may hold a password too. */
const QUERY_PART = /^([a-z][a-z0-9+.-]*:\/\/[^?#]*)\?[^#]*/i;

/** A copy of settings without secrets, for eyes other than those of who wrote them. */
export function redacted(value: unknown): unknown {
  if (typeof value === 'string') {
    return oneLine(value.replace(CREDENTIALS, `$1${HIDDEN}@`).replace(QUERY_PART, `$1?${HIDDEN}`));
  }
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      SECRET_KEY.test(key) && typeof inner !== 'object' ? HIDDEN : redacted(inner),
    ]),
  );
}

/** Without a dot before it: keys of `routes` are domain names, which may hold any word. */
const SECRET_KEY = /^[^.]*(?:password|passphrase|secret|token)[^.]*$/i;
