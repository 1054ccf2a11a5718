import { parseArgs } from 'node:util';
import {
  EXIT_CODES,
  getErrorCode,
  getErrorMessage,
  getExitCode,
  InterruptedError,
  printError,
  UsageError,
} from '../shared/errors.mjs';
import { loadEnvFile, readInstallationSettings } from '../shared/installation-settings.mjs';
import { listenForInterrupts } from '../shared/interrupts.mjs';
import { PROJECT_FOLDER } from '../shared/project-files.mjs';

/** @typedef {NonNullable<import('node:util').ParseArgsConfig['options']>} OptionDefinitions */

/**
 * @template {OptionDefinitions} O
 * @typedef {ReturnType<typeof parseArgs<{ options: O, allowPositionals: true, strict: true }>>['values']} OptionValues
 */

/**
 * @template {OptionDefinitions} O
 * @typedef {object} ToolArguments
 * @property {string} usage the text of `--help`: usage, options, exit codes
 * @property {O} options
 * @property {number} [positionals] expected number of arguments besides the options; 0 by default
 */

/**
 * @template {OptionDefinitions} O
 * @typedef {ToolArguments<O> & { run: (context: ToolContext<O>) => Promise<number> }} Tool `run` returns the exit code
 */

/**
 * @template {OptionDefinitions} O
 * @typedef {object} ToolContext
 * @property {OptionValues<O>} values of the options
 * @property {string[]} positionals
 * @property {string} folder in which the user called the tool; relative paths start there
 * @property {import('../shared/installation-settings.mjs').InstallationSettings} settings
 * @property {AbortSignal} signal aborted by Ctrl-C, for an orderly end. A second Ctrl-C ends the process at once
 */

/**
 * Runs a command-line tool, and sets the exit code of this process. Prints expected errors as one message.
 *
 * @template {OptionDefinitions} O
 * @param {Tool<O>} tool
 * @param {string[]} args
 */
export async function runTool(tool, args) {
  const { stop: signal, kill } = listenForInterrupts();
  kill.addEventListener('abort', () => process.exit(EXIT_CODES.interrupted));
  try {
    const parsed = parseToolArguments(tool, args);
    if (!parsed) return;
    // npm runs scripts in the project's folder, and passes on the user's folder in INIT_CWD.
    const folder = process.env['INIT_CWD'] ?? process.cwd();
    process.chdir(PROJECT_FOLDER);
    loadEnvFile();
    const settings = readInstallationSettings(process.env);
    process.exitCode = await tool.run({ ...parsed, folder, settings, signal });
  } catch (error) {
    // An error after Ctrl-C is probably a consequence of it.
    process.exitCode = signal.aborted ? EXIT_CODES.interrupted : getExitCode(error);
    if (!(error instanceof InterruptedError)) printError(error);
  }
}

const HELP_OPTION = /** @type {const} */ ({ help: { type: 'boolean', short: 'h' } });

/**
 * Parses the arguments of a tool.
 *
 * @template {OptionDefinitions} O
 * @param {ToolArguments<O>} tool
 * @param {string[]} args
 * @returns {{ values: OptionValues<O>, positionals: string[] } | undefined} undefined if `--help` was printed
 * @throws {UsageError}
 */
export function parseToolArguments({ usage, options, positionals: expected = 0 }, args) {
  const { values, positionals } = parse({ ...options, ...HELP_OPTION }, args);
  if ('help' in values && values.help === true) {
    console.log(usage);
    return undefined;
  }
  if (positionals.length !== expected) {
    throw new UsageError(`Expected arguments: ${expected}; received: ${positionals.length}. See --help.`);
  }
  return { values, positionals };
}

/** @template {OptionDefinitions} O @param {O} options @param {string[]} args */
function parse(options, args) {
  try {
    return parseArgs({ options, args, allowPositionals: true, strict: true });
  } catch (error) {
    if (!getErrorCode(error)?.startsWith('ERR_PARSE_ARGS')) throw error;
    // Only the first sentence of Node's message is about the user's mistake.
    const [sentence = ''] = getErrorMessage(error).split(/\. |\n/);
    throw new UsageError(`${sentence.replace(/\.$/, '')}. See --help.`);
  }
}
