import type { Argv } from 'yargs';
import type { NamedCommandModule } from './define-command.js';
import { formatExampleCall, formatHelpHint } from './option-values.js';

/** Texts of yargs in plain words. The other ones name no argument, so {@link describeUsageProblem} replaces them. */
export const YARGS_TEXTS = {
  'Invalid values:': '',
  'Argument: %s, Given: %s, Choices: %s': 'The value of %s is %s, but must be one of %s',
  'Not enough arguments following: %s': 'The option --%s needs a value',
};
const MISSING_POSITIONAL = 'Not enough non-option arguments';
const MISSING_OPTIONS = /^Missing required arguments?: (.*)$/;
const UNEXPECTED_ARGUMENTS = /^Unknown arguments?: /;

/**
 * Describes wrong usage of a command: what is wrong, then where the help is.
 * @param message of yargs
 * @param parsed what yargs has parsed
 * @param command undefined if the command line names none
 */
export function describeUsageProblem(
  message: string,
  parsed: Argv['parsed'],
  command: NamedCommandModule | undefined,
): string {
  if (!command) return message;
  const { problem, isIncomplete = false } = findProblem(message.trim(), parsed, command);
  const hint = formatHelpHint(command.name);
  return isIncomplete ? `${problem}. ${formatExampleCall(command.example)}\n${hint}` : `${problem}. ${hint}`;
}

interface UsageProblem {
  /** A sentence without its full stop. */
  readonly problem: string;
  /** Whether an argument is missing, so that a complete call helps. */
  readonly isIncomplete?: boolean;
}

function findProblem(
  message: string,
  parsed: Argv['parsed'],
  { name, positionals, optionNames }: NamedCommandModule,
): UsageProblem {
  const unknownOptions = findUnknownOptions(parsed);
  if (unknownOptions.length > 0) {
    const known = optionNames.length > 0 ? `: it has ${formatOptions(optionNames)}` : '';
    return { problem: `${name} has no option ${formatOptions(unknownOptions)}${known}` };
  }
  if (message.startsWith(MISSING_POSITIONAL)) {
    const missing = positionals.find((positional) => positional.startsWith('<')) ?? '';
    return { problem: `The argument ${missing} is missing`, isIncomplete: true };
  }
  const [, missingOptions] = MISSING_OPTIONS.exec(message) ?? [];
  if (missingOptions !== undefined) {
    return { problem: `${name} needs ${formatOptions(missingOptions.split(', '))}`, isIncomplete: true };
  }
  return { problem: message.replace(UNEXPECTED_ARGUMENTS, 'There are too many arguments: ') };
}

const formatOptions = (names: readonly string[]): string => names.map((name) => `--${name}`).join(', ');

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
