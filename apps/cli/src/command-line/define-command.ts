import type { Argv, CommandModule } from 'yargs';
import type { z } from 'zod';
import type { CommandContext, CommandHost, CommandRunOptions } from './command-host.js';
import { parseOptions } from './option-values.js';

/** A command before it is bound to a host. */
export interface CommandDefinition<Schema extends z.ZodType> extends CommandRunOptions {
  /** Name and positional arguments, as in yargs: `import <file>`. */
  readonly command: string;
  /** What the command does: one sentence, then details. */
  readonly describe: string;
  /** Adds the options, examples and positional arguments. Texts that `--help` shows are here. */
  readonly builder: (yargs: Argv) => Argv;
  /** Validates and converts what yargs has parsed. */
  readonly options: Schema;
  /** Resolves with the exit code. */
  readonly run: (options: z.output<Schema>, context: CommandContext) => Promise<number>;
}

/** Creates the yargs module of a command. */
export type CreateCommandModule = (host: CommandHost) => CommandModule;

/** Defines a command: its options for yargs, their validation, and its work. */
export const defineCommand =
  <Schema extends z.ZodType>(definition: CommandDefinition<Schema>): CreateCommandModule =>
  (host) => ({
    command: definition.command,
    describe: definition.describe,
    builder: (yargs) => definition.builder(yargs.usage(formatUsage(definition))),
    handler: (argv) =>
      host.run(definition, async (context) =>
        definition.run(parseOptions(definition.options, argv), context),
      ),
  });

/** Users run commands with npm, which needs `--` before the arguments. */
function formatUsage({ command, describe }: Pick<CommandDefinition<z.ZodType>, 'command' | 'describe'>) {
  const [name = '', ...positionals] = command.split(' ');
  return `${['npm run', name, '--', ...positionals, '[options]'].join(' ')}\n\n${describe}`;
}
