import { EXIT, messageOf } from '../failures.ts';
import type { Logger } from '../logging/log.ts';
import { oneLine } from '../logging/one-line.ts';

/**
 * An error that nothing foresaw ends the program with one line: what it left behind is not known, and a supervisor can
 * start afresh. Nothing is swallowed.
 */
export function endOnCrash(logger: Logger): void {
  const end = (error: unknown): void => {
    logger.fatal({}, oneLine(`internal error: ${messageOf(error)}${placeOf(error)}`));
    process.exit(EXIT.INTERNAL);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

/** Where it was thrown, without the rest of the stack. */
function placeOf(error: unknown): string {
  const frame = error instanceof Error ? /\n\s+(at .*)/.exec(error.stack ?? '')?.[1] : undefined;
  return frame === undefined ? '' : ` (${frame})`;
}
