import { LOCAL_TYPES, type LocalRecordOptions, type LocalType } from '@tridot/policy';
import { shown } from '../logging/one-line.ts';

/** What a local record may be, for error messages and `--help`. */
export const LOCAL_RECORD_FORMS =
  '"nas.home.arpa A 192.0.2.10" or "*.apps.home.arpa 300 CNAME nas.home.arpa"';

const SHAPE = /^\s*(?<name>\S+)\s+(?:(?<ttl>\d{1,6})\s+)?(?<type>[A-Za-z]+)\s+(?<value>\S.*?)\s*$/;

/**
 * Reads one line as in a zone file: name, TTL if there is one, type, value.
 *
 * @throws {RangeError} with a message that says what was wrong and what it may be.
 */
export function parseLocalRecord(text: string): LocalRecordOptions {
  const { name = '', ttl, type: written = '', value = '' } = SHAPE.exec(text)?.groups ?? {};
  const type = LOCAL_TYPES.find((candidate: LocalType) => candidate === written.toUpperCase());
  if (name === '' || type === undefined) {
    throw new RangeError(`${shown(text)} is not a record; it may be ${LOCAL_RECORD_FORMS}`);
  }
  return { name, type, value, ...(ttl === undefined ? {} : { ttlSeconds: Number(ttl) }) };
}
