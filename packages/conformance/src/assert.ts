/**
 * Assertions whose messages stay short. Those of `node:assert` print a difference, which for two buffers of 64 KB takes
 * minutes and gigabytes.
 */
import { inspect, isDeepStrictEqual } from 'node:util';

/** The subject did otherwise. The message says what was expected, and what was seen. */
export class ExpectationError extends Error {
  readonly code = 'ERR_EXPECTATION';
  override readonly name = 'ExpectationError';
}

/** @throws {ExpectationError} ERR_EXPECTATION: when they differ. */
export function equal<T>(actual: unknown, expected: T, what = 'equal'): asserts actual is T {
  if (!Object.is(actual, expected))
    throw new ExpectationError(`${what}: ${shown(actual)}, not ${shown(expected)}`);
}

/** @throws {ExpectationError} ERR_EXPECTATION: when they differ somewhere. */
export function deepEqual(actual: unknown, expected: unknown, what = 'equal'): void {
  if (!isDeepStrictEqual(actual, expected)) {
    throw new ExpectationError(`${what}: ${shown(actual)}, not ${shown(expected)}`);
  }
}

/** @throws {ExpectationError} ERR_EXPECTATION: when the condition does not hold. */
export function ok(condition: boolean, what: string): asserts condition {
  if (!condition) throw new ExpectationError(what);
}

/** @throws {ExpectationError} ERR_EXPECTATION: when the text does not match. */
export function match(text: string, pattern: RegExp, what = `matches ${pattern}`): void {
  if (!pattern.test(text)) throw new ExpectationError(`${what}: ${shown(text)}`);
}

const LIMITS = { breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 8, maxStringLength: 240, depth: 4 };

function shown(value: unknown): string {
  if (Buffer.isBuffer(value)) return `${value.length} octets ${value.toString('hex', 0, 48)}`;
  return inspect(value, LIMITS);
}
