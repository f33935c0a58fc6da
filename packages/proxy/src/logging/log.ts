import { type DestinationStream, type LevelWithSilent, pino } from 'pino';
import type { LOG_FORMATS } from '../settings/general-options.ts';
import { oneLine } from './one-line.ts';
import { writeToStandardOutput } from './standard-output.ts';

/** What the parts of the program log to. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  fatal(fields: LogFields, message: string): void;
}

/** Facts of one log line. In pretty format only those are shown that the message does not hold already. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** The program's log on standard output. */
export interface Log {
  readonly logger: Logger;
  /** Writes a line that is there at every level; in pretty format it is nothing but its text. */
  announce(line: string): void;
  /** From now on these. */
  configure(appearance: LogAppearance): Promise<void>;
}

export interface LogAppearance {
  readonly level: LevelWithSilent;
  readonly format: (typeof LOG_FORMATS)[number];
}

export interface LogOptions extends LogAppearance {
  /** Where lines go, each with its line feed. Default: standard output, written at once. */
  readonly write?: (line: string) => void;
  readonly colors?: boolean;
}

/** Logs to nobody. */
export const SILENT_LOGGER: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  fatal: () => {},
};

/** Makes the log. Lines are written before the call returns, so that none is lost when the process ends. */
export async function createLog(options: LogOptions): Promise<Log> {
  const write = options.write ?? writeToStandardOutput;
  const destinationFor = (format: LogAppearance['format']): DestinationStream | Promise<DestinationStream> =>
    format === 'pretty' ? prettyDestination(write, options) : jsonDestination(write);
  let { format } = options;
  let destination = await destinationFor(format);
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: named },
    },
    { write: (line) => destination.write(line) },
  );
  const announcer = logger.child({}, { level: 'info' });
  return {
    logger,
    announce: (line) => (format === 'pretty' ? write(`${oneLine(line)}\n`) : announcer.info(oneLine(line))),
    async configure(appearance) {
      destination = await destinationFor(appearance.format);
      format = appearance.format;
      logger.level = appearance.level;
    },
  };
}

function named(level: string): { level: string } {
  return { level };
}

function jsonDestination(write: (line: string) => void): DestinationStream {
  // JSON leaves these as they are, and terminals and parsers of lines do not.
  return { write: (line) => write(line.replace(/[\u007f-\u009f\u2028\u2029]/g, jsonEscape)) };
}

function jsonEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

async function prettyDestination(
  write: (line: string) => void,
  { colors }: LogOptions,
): Promise<DestinationStream> {
  // Only a log for people pays for the formatter.
  const { prettyFactory } = await import('pino-pretty');
  const prettify = prettyFactory({
    colorize: colors ?? false,
    ignore: FIELDS_IN_MESSAGES.join(','),
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
  });
  return { write: (line) => write(prettify(escaped(line))) };
}

/** Fields that the messages of their lines hold too: JSON is for machines, the message for people. */
const FIELDS_IN_MESSAGES = [
  'qname',
  'qtype',
  'qclass',
  'rcode',
  'durationMs',
  'transport',
  'client',
  'source',
  'upstream',
  'cause',
  'more',
];

/** One pino line as an object whose texts are safe for one line of a terminal. */
function escaped(line: string): Record<string, unknown> {
  const record: Record<string, unknown> = JSON.parse(line);
  for (const [key, value] of Object.entries(record))
    if (typeof value === 'string') record[key] = oneLine(value);
  return record;
}
