import { Command, CommanderError, Option as Flag } from 'commander';
import { SettingError } from '../failures.ts';
import { oneLine, shown } from '../logging/one-line.ts';
import { resolveNestedFiles } from './nested-files.ts';
import type { Option } from './option.ts';
import { COMMANDS, CONFIG_OPTION, OPTIONS } from './options.ts';
import { placeIn, type SettingsLayer, type SettingsTree, setValueAt } from './settings-layer.ts';
import { didYouMean } from './suggestion.ts';
import { valueOfText } from './written-values.ts';

/** What a command line asks for. */
export interface CommandLine {
  readonly command: 'serve' | 'check' | 'print-config' | 'version' | 'help' | 'explain';
  /** Of `explain`: the name and the type, as they were written. */
  readonly question?: { readonly name: string; readonly type: string };
  readonly configFile: string | undefined;
  readonly flags: SettingsLayer;
}

/**
 * Reads the arguments behind the program's name.
 *
 * @param folder what the relative path of a file is relative to.
 * @throws {SettingError} ERR_SETTING: an unknown flag, a flag without its value, or an argument that is no flag.
 */
export function parseCommandLine(args: readonly string[], folder: string): CommandLine {
  const program = createProgram('tridot');
  try {
    // `pnpm start -- --listen …` hands the `--` on.
    program.parse(args[0] === '--' ? args.slice(1) : [...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) throw settingErrorOf(error, args);
    throw error;
  }
  const given: Readonly<Record<string, unknown>> = program.opts();
  const name = given.explain;
  const [type = 'A', ...others] = typeof name === 'string' ? program.args : ['A', ...program.args];
  const surplus = others[0];
  if (surplus !== undefined)
    throw new SettingError(`${shown(surplus)}: unexpected argument; options begin with --`);

  const configFile = given.config;
  return {
    command: commandOf(given),
    ...(typeof name === 'string' ? { question: { name, type } } : {}),
    configFile: typeof configFile === 'string' ? configFile : undefined,
    flags: {
      tree: treeOf(given, folder),
      nameOf: (key, below = []) => placeIn(FLAGS.get(key) ?? key, below),
    },
  };
}

/** The text of `--help`. */
export function helpText(programName: string): string {
  return `${createProgram(programName).helpInformation()}${EXPLANATION}`;
}

const FLAGS: ReadonlyMap<string, string> = new Map(OPTIONS.map((option) => [option.key, option.flag]));

function createProgram(name: string): Command {
  const program = new Command(name)
    .usage('[options]')
    .description('Forwards DNS over UDP and TCP to DNS over TLS.')
    .exitOverride()
    .configureOutput({ writeErr: () => {}, writeOut: () => {} })
    .configureHelp({ helpWidth: HELP_COLUMNS })
    .helpOption(false)
    .allowExcessArguments()
    .showSuggestionAfterError(false);
  for (const option of OPTIONS) addFlags(program, option);
  program.addOption(
    new Flag(`${CONFIG_OPTION.flag} <${CONFIG_OPTION.placeholder}>`, describe(CONFIG_OPTION)),
  );
  for (const { flag, argument, description } of COMMANDS) {
    program.addOption(new Flag(argument === undefined ? flag : `${flag} <${argument}>`, description));
  }
  return program;
}

const HELP_COLUMNS = 100;
const EXPLANATION = `
Every option can also be given by its environment variable, and in a YAML file; docs/OPTIONS.md lists all, with the
numbers that are not shown here. Flags win over the environment, the environment over the file.
`;

function addFlags(program: Command, option: Option): void {
  if (option.kind === 'switch') {
    program.addOption(new Flag(option.flag, describe(option)).hideHelp(!option.inHelp));
    program.addOption(new Flag(option.flag.replace('--', '--no-'), 'The opposite.').hideHelp());
    return;
  }
  const flag = new Flag(`${option.flag} <${option.placeholder}>`, describe(option)).hideHelp(!option.inHelp);
  if (option.kind === 'list' || option.kind === 'files') flag.argParser(collect);
  program.addOption(flag);
}

function collect(text: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), text];
}

function describe(option: Omit<Option, 'key'>): string {
  return `${option.description} [${option.environment}] (default: ${option.defaultText})`;
}

function commandOf(given: Readonly<Record<string, unknown>>): CommandLine['command'] {
  if (given.help === true) return 'help';
  if (given.version === true) return 'version';
  if (given.check === true) return 'check';
  if (given.printConfig === true) return 'print-config';
  if (given.explain !== undefined) return 'explain';
  return 'serve';
}

function treeOf(given: Readonly<Record<string, unknown>>, folder: string): SettingsTree {
  const tree: SettingsTree = {};
  for (const option of OPTIONS) {
    const value = given[new Flag(option.flag).attributeName()];
    if (typeof value === 'boolean') setValueAt(tree, option.key, value);
    if (typeof value === 'string') setValueAt(tree, option.key, valueOfText(option.kind, value, folder));
    if (Array.isArray(value)) {
      setValueAt(
        tree,
        option.key,
        value.flatMap((text) => valueOfText(option.kind, String(text), folder)),
      );
    }
  }
  resolveNestedFiles(tree, folder);
  return tree;
}

function settingErrorOf(error: CommanderError, args: readonly string[]): SettingError {
  const flags = [...OPTIONS, CONFIG_OPTION, ...COMMANDS].map(({ flag }) => flag);
  const [, flag = ''] = /'([^' ]*)/.exec(error.message) ?? [];
  if (error.code === 'commander.unknownOption') {
    const written = args.find((argument) => argument.startsWith(flag)) ?? flag;
    const name = written.split('=', 1)[0] ?? written;
    return new SettingError(
      `${oneLine(name)}: unknown option${didYouMean(name, flags) || '; --help lists what there is'}`,
    );
  }
  if (error.code === 'commander.optionMissingArgument') {
    const option = [...OPTIONS, CONFIG_OPTION].find((candidate) => candidate.flag === flag);
    return new SettingError(`${flag}: has no value; it may be ${option?.allowed ?? 'given one'}`);
  }
  return new SettingError(oneLine(error.message.replace(/^error: /, '')));
}
