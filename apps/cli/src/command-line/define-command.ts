import type { Argv, CommandModule } from 'yargs';
import type { z } from 'zod';
import type { CommandContext, CommandHost, CommandRunOptions } from './command-host.js';
import { formatOptionName, parseOptions } from './option-values.js';

/** A command before it is bound to a host. */
export interface CommandDefinition<Schema extends z.ZodObject> extends CommandRunOptions {
  /** Name and positional arguments, as in yargs: `import <file>`. */
  readonly command: string;
  /** What the command does: one sentence, then details. */
  readonly describe: string;
  /**
   * Calls of the command as a user types them, each with a description that may be empty. `--help` shows all of them; messages
   * about wrong usage show the first one.
   */
  readonly examples: readonly (readonly [call: string, description: string])[];
  /** Adds the options and positional arguments. Texts that `--help` shows are here. */
  readonly builder: (yargs: Argv) => Argv;
  /** Validates and converts what yargs has parsed. */
  readonly options: Schema;
  /** Resolves with the exit code. */
  readonly run: (options: z.output<Schema>, context: CommandContext) => Promise<number>;
}

/** The yargs module of a command, and what messages about wrong usage name. */
export interface NamedCommandModule extends CommandModule {
  readonly name: string;
  /** Positional arguments as in yargs: `<file>` is required, `[service]` is not. */
  readonly positionals: readonly string[];
  /** Without `--`. */
  readonly optionNames: readonly string[];
  /** A call that works. */
  readonly example: string;
}

/** Creates the yargs module of a command. */
export type CreateCommandModule = (host: CommandHost) => NamedCommandModule;

/** Defines a command: its options for yargs, their validation, and its work. */
export function defineCommand<Schema extends z.ZodObject>(
  definition: CommandDefinition<Schema>,
): CreateCommandModule {
  const { command, describe, examples, builder, options, run } = definition;
  const [name = '', ...positionals] = command.split(' ');
  // Users run commands with npm, which needs `--` before the arguments.
  const usage = `${['npm run', name, '--', ...positionals, '[options]'].join(' ')}\n\n${describe}`;
  return (host) => ({
    command,
    name,
    positionals,
    optionNames: Object.keys(options.shape)
      .map(formatOptionName)
      .filter((option) => !positionals.some((positional) => positional.slice(1, -1) === option)),
    example: examples[0]?.[0] ?? `npm run ${name}`,
    describe,
    builder: (yargs) =>
      examples.reduce(
        (described, [call, description]) => described.example(call, description),
        builder(yargs.usage(usage)),
      ),
    handler: (argv) => host.run(definition, async (context) => run(parseOptions(options, argv), context)),
  });
}
