import { constants } from 'node:os';
import type { DnsProxy } from '../dns-proxy.ts';
import { EXIT } from '../failures.ts';
import type { Logger } from '../logging/log.ts';

/**
 * How much longer than the grace the end may take: closing TLS connections in order. Supervisors allow seconds, and the
 * process is to be gone well within one after the grace.
 */
const CLOSING_MS = 400;

/** A shell's exit code for a program that a signal ended is this plus the signal's number. */
const SIGNAL_EXIT_BASE = 128;

/** On SIGTERM or SIGINT drains the proxy and exits with 0; on a second one exits at once. */
export function drainOnSignals(proxy: DnsProxy, logger: Logger): void {
  let draining = false;

  const drain = (signal: 'SIGTERM' | 'SIGINT'): void => {
    if (draining) {
      logger.warn({}, `${signal} again: ending at once`);
      process.exit(SIGNAL_EXIT_BASE + constants.signals[signal]);
    }
    draining = true;
    const { graceMs } = proxy.settings.limits.proxy;
    logger.info({}, `${signal}: draining, at most ${graceMs} ms`);
    setTimeout(end, graceMs + CLOSING_MS, 'the grace is over');
    void proxy.close({ graceMs }).then(() => end('all replies are out'));
  };

  const end = (why: string): void => {
    logger.info({}, `stopped: ${why}`);
    process.exit(EXIT.OK);
  };

  process.on('SIGTERM', drain);
  process.on('SIGINT', drain);
}
