import { parseArgs } from 'node:util';
import { codeOf, Failure, messageOf } from '../../failure.mjs';
import { Interrupted, interrupts } from '../../interrupts.mjs';
import { ROOT } from '../../root.mjs';
import { loadEnvFile, readSettings } from '../../settings.mjs';
import { EXIT, exitCodeOf, UsageError } from './exit.mjs';

/** @typedef {NonNullable<import('node:util').ParseArgsConfig['options']>} Options */

/**
 * @template {Options} O
 * @typedef {ReturnType<typeof parseArgs<{ options: O, allowPositionals: true, strict: true }>>['values']} Values
 */

/**
 * @template {Options} O
 * @typedef {object} Tool
 * @property {string} usage what `--help` prints: usage, options, exit codes
 * @property {O} options
 * @property {number} [positionals] how many arguments it takes beside its options
 * @property {(given: Given<O>) => Promise<number>} run gives the exit code
 */

/**
 * @template {Options} O
 * @typedef {object} Given what a tool works with
 * @property {Values<O>} values of its options
 * @property {string[]} positionals
 * @property {string} folder that the tool was called in; relative paths are meant from there
 * @property {import('../../settings.mjs').Settings} settings
 * @property {AbortSignal} signal aborted by Ctrl-C and its like, for an orderly end; a second one ends it at once
 */

const HELP = /** @type {const} */ ({ help: { type: 'boolean', short: 'h' } });

/**
 * Runs a tool with the arguments of a command line, and sets this process's exit code.
 *
 * @template {Options} O
 * @param {Tool<O>} tool
 * @param {string[]} args
 */
export async function runTool({ usage, options, positionals: expected = 0, run }, args) {
  const { first: signal, second } = interrupts();
  second.addEventListener('abort', () => process.exit(EXIT.interrupted));
  try {
    const { values, positionals } = parse({ ...options, ...HELP }, args);
    if ('help' in values && values.help === true) {
      console.log(usage);
      return;
    }
    if (positionals.length !== expected) {
      throw new UsageError(`Arguments due: ${expected}; given: ${positionals.length}. See --help.`);
    }
    // npm calls its scripts in the project's folder, and tells where it was called itself.
    const folder = process.env['INIT_CWD'] ?? process.cwd();
    process.chdir(ROOT);
    loadEnvFile();
    const settings = readSettings(process.env);
    process.exitCode = await run({ values, positionals, folder, settings, signal });
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    if (!(error instanceof Interrupted)) console.error(error instanceof Failure ? error.message : error);
  }
}

/** @template {Options} O @param {O} options @param {string[]} args */
function parse(options, args) {
  try {
    return parseArgs({ options, args, allowPositionals: true, strict: true });
  } catch (error) {
    if (!codeOf(error)?.startsWith('ERR_PARSE_ARGS')) throw error;
    // Its further sentences are about an option that is meant as an argument.
    throw new UsageError(
      `${
        messageOf(error)
          .split(/\. |\n/)[0]
          ?.replace(/\.$/, '') ?? ''
      }: see --help.`,
    );
  }
}
