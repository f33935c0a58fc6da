import { isatty } from 'node:tty';
import type { Strategy } from '@tridot/listener';
import { UpstreamOptionError } from '@tridot/upstream';
import { redacted } from './admin/redacted.ts';
import { explain } from './explain/explain.ts';
import { ClosedError, codeOf, EXIT, messageOf, SettingError } from './failures.ts';
import { oneLine } from './logging/one-line.ts';
import { STANDARD_OUTPUT, writeErrorLine, writeToStandardOutput } from './logging/standard-output.ts';
import { serve } from './program/serve.ts';
import { version } from './program/version.ts';
import { createProxy } from './proxy.ts';
import { type CommandLine, helpText, parseCommandLine } from './settings/command-line.ts';
import {
  type EffectiveSettings,
  effectiveSettings,
  type Surroundings,
} from './settings/effective-settings.ts';
import { type LoadedSettings, loadSettings } from './settings/load-settings.ts';
import { workingFolder } from './settings/written-values.ts';
import { defaultPortOf } from './sockets/default-ports.ts';
import { checkUpstreams } from './upstreams/check-upstreams.ts';

/**
 * The program: reads flags, environment and file, and serves until SIGTERM or SIGINT. Whatever goes wrong before the line
 * that begins `listening` is one line on standard error and an exit code of {@link EXIT}; afterwards it is in the log.
 */
export async function run(strategy: Strategy): Promise<void> {
  try {
    await main(strategy, parseCommandLine(process.argv.slice(2), workingFolder(process.env)));
  } catch (error) {
    if (error instanceof ClosedError) return;
    const code = exitCodeOf(error);
    writeErrorLine(oneLine(`${code === EXIT.INTERNAL ? 'internal error: ' : ''}${messageOf(error)}`));
    process.exit(code);
  }
}

/** Errors of the settings and of the system have codes; one without is a mistake of ours. */
function exitCodeOf(error: unknown): number {
  if (error instanceof SettingError || error instanceof UpstreamOptionError) return EXIT.BAD_SETTING;
  return codeOf(error) === undefined ? EXIT.INTERNAL : EXIT.START_FAILED;
}

async function main(strategy: Strategy, commandLine: CommandLine): Promise<void> {
  switch (commandLine.command) {
    case 'help':
      return writeToStandardOutput(helpText(`pnpm --filter ${strategy.name} start`));
    case 'version':
      return writeToStandardOutput(`tridot ${version()}\n`);
    case 'check':
    case 'print-config':
    case 'explain':
    case 'serve':
  }
  const surroundings = { defaultPort: defaultPortOf(strategy), isTerminal: isatty(STANDARD_OUTPUT) };
  const load = (): Promise<LoadedSettings> => loadSettings({ ...commandLine, environment: process.env });
  const readSettings = async (): Promise<EffectiveSettings> => checked(await load(), surroundings);

  const loaded = await load();
  if (commandLine.command === 'print-config') {
    return printSettings(effectiveSettings(loaded.settings, surroundings));
  }
  const settings = checked(loaded, surroundings);
  if (commandLine.command === 'serve') {
    return serve(strategy, { settings, readSettings, configFile: loaded.configFile });
  }
  if (commandLine.question !== undefined) {
    const { name, type } = commandLine.question;
    return writeToStandardOutput(await explain(settings, name, type));
  }
  createProxy(strategy, settings);
  writeToStandardOutput('configuration ok\n');
}

/** Files are read again where they are used; here an error line can name the flag, variable or key that named them. */
function checked({ settings, nameOf }: LoadedSettings, surroundings: Surroundings): EffectiveSettings {
  const effective = effectiveSettings(settings, surroundings);
  checkUpstreams(effective, nameOf);
  return effective;
}

async function printSettings(settings: EffectiveSettings): Promise<void> {
  const { stringify } = await import('yaml');
  writeToStandardOutput(stringify(redacted(settings)));
}
