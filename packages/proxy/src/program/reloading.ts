import type { DnsProxy } from '../dns-proxy.ts';
import { ClosedError, messageOf } from '../failures.ts';
import type { Log } from '../logging/log.ts';
import { oneLine } from '../logging/one-line.ts';
import type { EffectiveSettings } from '../settings/effective-settings.ts';
import type { ReloadedSettings } from '../settings/reloaded-settings.ts';

export interface ReloadingOptions {
  readonly proxy: DnsProxy;
  readonly log: Log;
  /** Reads the settings again from where they came. */
  readonly readSettings: () => Promise<EffectiveSettings>;
}

/**
 * Makes the function that reloads the settings, and says in one line what came of it. What cannot be used changes nothing.
 * Reloads asked for while one is under way become one more.
 */
export function createReloading({ proxy, log, readSettings }: ReloadingOptions): (why: string) => void {
  let underWay = false;
  let again: string | null = null;

  async function reload(why: string): Promise<void> {
    try {
      const settings = await readSettings();
      const reloaded = await proxy.reload(settings);
      const { level } = reloaded.settings.log;
      await log.configure({ level, format: settings.log.format });
      log.logger.info({}, oneLine(`reloaded after ${why}: ${whatCame(reloaded)}`));
    } catch (error) {
      if (error instanceof ClosedError) return;
      log.logger.error({}, oneLine(`not reloaded after ${why}, the old settings stay: ${messageOf(error)}`));
    }
  }

  async function reloadAll(first: string): Promise<void> {
    underWay = true;
    again = first;
    while (again !== null) {
      const why: string = again;
      again = null;
      await reload(why);
    }
    underWay = false;
  }

  return (why) => {
    if (underWay) again = why;
    else void reloadAll(why);
  };
}

function whatCame({ changed, needRestart }: ReloadedSettings): string {
  const applied = changed.length === 0 ? 'no other values' : `${changed.join(', ')} changed`;
  if (needRestart.length === 0) return applied;
  return `${applied}; ${needRestart.join(', ')} ${needRestart.length === 1 ? 'needs' : 'need'} a restart and ${needRestart.length === 1 ? 'stays as it is' : 'stay as they are'}`;
}
