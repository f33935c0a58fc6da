import type { Transport } from '@tridot/listener';

/** How the program ends. */
export const EXIT = {
  /** Drained after SIGTERM or SIGINT; or `--help`, `--version`, `--check`, `--print-config` did what they say. */
  OK: 0,
  /** The settings are sound, but an address cannot be bound or the embedded upstream cannot be started. */
  START_FAILED: 1,
  /** A bad option, environment variable, configuration key or file. */
  BAD_SETTING: 2,
  /** An error that nothing foresaw (EX_SOFTWARE of sysexits.h). */
  INTERNAL: 70,
} as const;

/** A setting that cannot be used: the message names it, what it was, and what it may be. */
export class SettingError extends Error {
  readonly code = 'ERR_SETTING';
  override readonly name = 'SettingError';
}

/** An address that cannot be listened on; `cause` is the system's error. */
export class BindError extends Error {
  readonly code = 'ERR_BIND';
  override readonly name = 'BindError';
  readonly transport: Transport;
  readonly address: string;

  /** @param option what names the address on the command line. */
  constructor(transport: Transport, address: string, cause: unknown, option = '--listen') {
    const reason = bindReason(cause).replaceAll('--listen', option);
    super(`cannot listen on ${transport} ${address}: ${reason}`, { cause });
    this.transport = transport;
    this.address = address;
  }
}

/** `close()` came while `start()` was under way. */
export class ClosedError extends Error {
  readonly code = 'ERR_CLOSED';
  override readonly name = 'ClosedError';

  constructor() {
    super('closed before the start was complete');
  }
}

/** The system's code of an error, such as `EACCES`; `undefined` when it has none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const BIND_REASONS: Readonly<Record<string, string>> = {
  EACCES:
    'permission denied (EACCES); a port below 1024 needs the capability CAP_NET_BIND_SERVICE, or choose another with --listen',
  EADDRINUSE: 'address already in use (EADDRINUSE); stop what listens there, or choose another with --listen',
  EADDRNOTAVAIL: 'this machine has no such address (EADDRNOTAVAIL); choose another with --listen',
  EAFNOSUPPORT:
    'this machine has no such address family (EAFNOSUPPORT); choose another address with --listen',
  EMFILE: 'too many open files (EMFILE); raise the limit of open files',
};

function bindReason(cause: unknown): string {
  const code = codeOf(cause);
  return (code === undefined ? undefined : BIND_REASONS[code]) ?? messageOf(cause);
}
