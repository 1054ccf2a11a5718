import { readFileSync } from 'node:fs';
import type { EnvironmentVariables } from '@seguridad-abc/platform';
import yargs, { type Argv, type CommandModule } from 'yargs';
import { z } from 'zod';
import { createProcessCommandHost, type CommandHost } from './command-line/command-host.js';
import type { CreateCommandModule } from './command-line/define-command.js';
import { COMMAND_NAMES, readCommandSummaries, type CommandName } from './commands/command-summaries.js';
import { formatError, getExitCode, UsageError } from './shared/errors.js';

/** Each command is loaded when it is called: the general help and the completion of names need none. */
const COMMAND_LOADERS: Readonly<Record<CommandName, () => Promise<CreateCommandModule>>> = {
  import: async () => (await import('./commands/import/import-command.js')).createImportCommand,
  replay: async () => (await import('./commands/replay/replay-command.js')).createReplayCommand,
  export: async () => (await import('./commands/export/export-command.js')).createExportCommand,
  probe: async () => (await import('./commands/probe/probe-command.js')).createProbeCommand,
  status: async () => (await import('./commands/status/status-command.js')).createStatusCommand,
  token: async () => (await import('./commands/token-command.js')).createTokenCommand,
  maintenance: async () => (await import('./commands/maintenance-command.js')).createMaintenanceCommand,
  demo: async () => (await import('./commands/demo/demo-command.js')).createDemoCommand,
  dev: async () => (await import('./commands/dev/dev-command.js')).createDevCommand,
  start: async () => (await import('./commands/start-command.js')).createStartCommand,
};

const COMPLETION_COMMAND = 'completion';
/** The name under which a shell completes the commands (docs/tools.md). */
const COMPLETED_PROGRAM = 'seguridad-abc';
const MAX_HELP_WIDTH = 120;

const manifestSchema = z.object({ version: z.string() });

/**
 * Runs one command, and sets the exit code of this process.
 * @param args the command's name and its arguments
 * @param env `process.env`
 */
export async function runCli(args: readonly string[], env: EnvironmentVariables): Promise<void> {
  try {
    const parser = await createParser(args, createProcessCommandHost(env));
    await parser.parseAsync();
  } catch (error) {
    process.exitCode = getExitCode(error);
    process.stderr.write(`${formatError(error)}\n`);
  }
}

/**
 * Creates the parser of the command line. It throws a {@link UsageError} for wrong usage.
 * @param args the commands that they name are loaded
 */
export async function createParser(args: readonly string[], host: CommandHost): Promise<Argv> {
  checkCommandName(args);
  const parser = yargs([...args])
    .scriptName(args[0] === COMPLETION_COMMAND ? COMPLETED_PROGRAM : 'npm run')
    .usage('npm run COMMAND -- [options]')
    .locale('en')
    .parserConfiguration({
      'boolean-negation': false,
      'dot-notation': false,
      'duplicate-arguments-array': false,
      'parse-positional-numbers': false,
    })
    .version(readVersion())
    .alias('help', 'h')
    .completion(COMPLETION_COMMAND, 'Prints a script that lets a shell complete the commands')
    .demandCommand(1, `Name a command: ${COMMAND_NAMES.join(', ')}.`)
    .strict()
    .exitProcess(false)
    .wrap(Math.min(MAX_HELP_WIDTH, process.stdout.isTTY ? process.stdout.columns : MAX_HELP_WIDTH))
    .fail((message: string | null, error: Error | undefined) => {
      // yargs reports usage problems as a message or as a YError. Any other error comes from a command.
      if (error && error.name !== 'YError') throw error;
      const unknownOptions = findUnknownOptions(parser.parsed);
      throw new UsageError(
        formatUsageProblem(
          unknownOptions.length > 0
            ? `Unknown argument${unknownOptions.length > 1 ? 's' : ''}: ${unknownOptions.join(', ')}`
            : (message ?? error?.message ?? ''),
        ),
      );
    });
  for (const module of await loadCommands(args, host)) parser.command(module);
  return parser;
}

/**
 * Names the options that no command has. yargs reports other problems first, but an unknown option may cause them: it takes
 * the next word as its value, so that the file of `import --nope rules.csv` is missing.
 */
function findUnknownOptions(parsed: Argv['parsed']): readonly string[] {
  if (!parsed) return [];
  const { argv, aliases, newAliases } = parsed;
  // For `--no-such`, the parser adds both names, `no-such` and `noSuch`, as each other's alias.
  const isUnknown = (name: string) =>
    !Object.hasOwn(aliases, name) || (name.includes('-') && newAliases[name] === true);
  return Object.keys(argv).filter((name) => !['_', '--', '$0'].includes(name) && isUnknown(name));
}

const formatUsageProblem = (message: string) => `${message.trim().replace(/\.?$/, '.')} See --help.`;

/** @throws UsageError if the first argument that is no option names no command */
function checkCommandName(args: readonly string[]): void {
  const name = args.find((arg) => !arg.startsWith('-'));
  const isKnown = name === undefined || [...COMMAND_NAMES, COMPLETION_COMMAND].some((each) => each === name);
  if (isKnown || args.includes('--get-yargs-completions')) return;
  throw new UsageError(`There is no command "${name}": use one of ${COMMAND_NAMES.join(', ')}.`);
}

async function loadCommands(args: readonly string[], host: CommandHost): Promise<readonly CommandModule[]> {
  const summaries = readCommandSummaries();
  return Promise.all(
    COMMAND_NAMES.map(async (name): Promise<CommandModule> => {
      const { describe } = summaries[name];
      if (!args.includes(name)) return { command: name, describe, handler: () => undefined };
      const createModule = await COMMAND_LOADERS[name]();
      return { ...createModule(host), describe };
    }),
  );
}

const readVersion = (): string =>
  manifestSchema.parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))).version;
