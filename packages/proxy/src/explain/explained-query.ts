import { SettingError } from '../failures.ts';
import { shown } from '../logging/one-line.ts';
import { presentType } from '../logging/presentation.ts';

const MAX_LABEL_BYTES = 63;
const MAX_NAME_BYTES = 255;
const HEADER = Buffer.from([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
const CLASS_IN = Buffer.from([0, 1]);

/**
 * The query that `--explain` is about: class IN, recursion desired, no EDNS.
 *
 * @throws {SettingError} ERR_SETTING: the name or the type is none.
 */
export function explainedQuery(name: string, type: string): Buffer {
  const octets = Buffer.alloc(2);
  octets.writeUInt16BE(typeOf(type));
  return Buffer.concat([HEADER, ...nameOf(name), octets, CLASS_IN]);
}

function nameOf(text: string): Buffer[] {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  const labels = name === '' ? [] : name.split('.').map((label) => Buffer.from(label, 'latin1'));
  const bytes = labels.reduce((sum, label) => sum + 1 + label.length, 1);
  const bad = labels.some((label) => label.length === 0 || label.length > MAX_LABEL_BYTES);
  if (text === '' || bad || bytes > MAX_NAME_BYTES || !/^[!-[\]-~]+$/.test(text)) {
    throw new SettingError(`--explain: ${shown(text)} is not a domain name; it may be www.example.com`);
  }
  return [...labels.flatMap((label) => [Buffer.from([label.length]), label]), Buffer.from([0])];
}

function typeOf(text: string): number {
  const wanted = text.toUpperCase();
  const [, number] = /^TYPE(\d{1,5})$/.exec(wanted) ?? [];
  if (number !== undefined && Number(number) <= MAX_TYPE) return Number(number);
  for (let type = 1; type <= MAX_TYPE; type++) if (presentType(type) === wanted) return type;
  throw new SettingError(`--explain: ${shown(text)} is not a type; it may be A, AAAA, HTTPS or TYPE65`);
}

const MAX_TYPE = 0xffff;
