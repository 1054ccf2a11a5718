import type { EnvironmentVariables } from '@seguridad-abc/platform';
import yargs, { type Argv } from 'yargs';
import { createProcessCommandHost, type CommandHost } from './command-line/command-host.js';
import type { CreateCommandModule } from './command-line/define-command.js';
import { checkOptionsTakenByNpm } from './command-line/npm-options.js';
import { describeUsageProblem, YARGS_TEXTS } from './command-line/usage-problems.js';
import { COMMAND_NAMES, readCommandSummaries, type CommandName } from './commands/command-summaries.js';
import { readCliVersion } from './shared/cli-version.js';
import { formatError, getExitCode, UsageError } from './shared/errors.js';

/** Each command is loaded when it is called: the general help and the completion of names need none. */
const COMMAND_LOADERS: Readonly<Record<CommandName, () => Promise<CreateCommandModule>>> = {
  import: async () => (await import('./commands/import/import-command.js')).createImportCommand,
  replay: async () => (await import('./commands/replay/replay-command.js')).createReplayCommand,
  export: async () => (await import('./commands/export/export-command.js')).createExportCommand,
  calendar: async () => (await import('./commands/calendar/calendar-command.js')).createCalendarCommand,
  exception: async () => (await import('./commands/exception-command.js')).createExceptionCommand,
  probe: async () => (await import('./commands/probe/probe-command.js')).createProbeCommand,
  load: async () => (await import('./commands/load/load-command.js')).createLoadCommand,
  status: async () => (await import('./commands/status/status-command.js')).createStatusCommand,
  token: async () => (await import('./commands/token-command.js')).createTokenCommand,
  'sign-in': async () => (await import('./commands/sign-in-command.js')).createSignInCommand,
  maintenance: async () => (await import('./commands/maintenance-command.js')).createMaintenanceCommand,
  audit: async () => (await import('./commands/audit/audit-command.js')).createAuditCommand,
  'user-data': async () => (await import('./commands/user-data-command.js')).createUserDataCommand,
  'dead-letters': async () => (await import('./commands/dead-letters-command.js')).createDeadLettersCommand,
  rebuild: async () => (await import('./commands/rebuild-command.js')).createRebuildCommand,
  backup: async () => (await import('./commands/backup/backup-command.js')).createBackupCommand,
  restore: async () => (await import('./commands/restore/restore-command.js')).createRestoreCommand,
  'migrate-store': async () =>
    (await import('./commands/migrate-store/migrate-store-command.js')).createMigrateStoreCommand,
  compact: async () => (await import('./commands/compact-command.js')).createCompactCommand,
  verify: async () => (await import('./commands/verify-command.js')).createVerifyCommand,
  plan: async () => (await import('./commands/plan-command.js')).createPlanCommand,
  demo: async () => (await import('./commands/demo/demo-command.js')).createDemoCommand,
  dev: async () => (await import('./commands/dev/dev-command.js')).createDevCommand,
  restart: async () => (await import('./commands/restart-command.js')).createRestartCommand,
  ha: async () => (await import('./commands/ha-command.js')).createHaCommand,
  start: async () => (await import('./commands/start-command.js')).createStartCommand,
};

const COMPLETION_COMMAND = 'completion';
/** The name under which a shell completes the commands (docs/tools.md). */
const COMPLETED_PROGRAM = 'seguridad-abc';
const MAX_HELP_WIDTH = 120;

/**
 * Runs one command, and sets the exit code of this process.
 * @param args the command's name and its arguments
 * @param env `process.env`
 */
export async function runCli(args: readonly string[], env: EnvironmentVariables): Promise<void> {
  try {
    const parser = await createParser(args, createProcessCommandHost(env), env);
    await parser.parseAsync();
  } catch (error) {
    process.exitCode = getExitCode(error);
    process.stderr.write(`${formatError(error)}\n`);
  }
}

/**
 * Creates the parser of the command line. It throws a {@link UsageError} for wrong usage.
 * @param args the command that they name is loaded
 * @param env has the options that npm did not pass on to the command
 */
export async function createParser(
  args: readonly string[],
  host: CommandHost,
  env: EnvironmentVariables = {},
): Promise<Argv> {
  const commandName = findCommandName(args);
  const command = commandName && (await COMMAND_LOADERS[commandName]())(host);
  const note = command && checkOptionsTakenByNpm(command, env);
  if (note !== undefined) process.stderr.write(`${note}\n`);
  const parser = yargs([...args])
    .scriptName(args[0] === COMPLETION_COMMAND ? COMPLETED_PROGRAM : 'npm run')
    .usage('npm run COMMAND -- [options]')
    .locale('en')
    .updateStrings(YARGS_TEXTS)
    .parserConfiguration({
      'boolean-negation': false,
      'dot-notation': false,
      'duplicate-arguments-array': false,
      'parse-positional-numbers': false,
    })
    .version(readCliVersion())
    .alias('help', 'h')
    .completion(COMPLETION_COMMAND, 'Prints a script that lets a shell complete the commands')
    .demandCommand(1, `Name a command: ${COMMAND_NAMES.join(', ')}.`)
    .strict()
    .exitProcess(false)
    .wrap(Math.min(MAX_HELP_WIDTH, process.stdout.isTTY ? process.stdout.columns : MAX_HELP_WIDTH))
    .fail((message: string | null, error: Error | undefined) => {
      // yargs reports usage problems as a message or as a YError. Any other error comes from a command.
      if (error && error.name !== 'YError') throw error;
      throw new UsageError(describeUsageProblem(message ?? error?.message ?? '', parser.parsed, command));
    });
  const summaries = readCommandSummaries();
  for (const name of COMMAND_NAMES) {
    const { describe } = summaries[name];
    parser.command(
      name === command?.name
        ? { ...command, describe }
        : { command: name, describe, handler: () => undefined },
    );
  }
  return parser;
}

/**
 * Finds the name of the command to load.
 * @throws UsageError if the first argument that is no option names no command
 */
function findCommandName(args: readonly string[]): CommandName | undefined {
  const words = args.filter((arg) => !arg.startsWith('-'));
  if (args.includes('--get-yargs-completions')) return words.find(isCommandName);
  const [name] = words;
  if (name === undefined || name === COMPLETION_COMMAND) return undefined;
  if (isCommandName(name)) return name;
  throw new UsageError(`There is no command "${name}": use one of ${COMMAND_NAMES.join(', ')}.`);
}

const isCommandName = (text: string): text is CommandName => COMMAND_NAMES.some((name) => name === text);
