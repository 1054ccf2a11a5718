import { Failure } from '../../failure.mjs';
import { Interrupted, interrupts } from '../../interrupts.mjs';
import { ROOT } from '../../root.mjs';
import { loadEnvFile, readSettings } from '../../settings.mjs';
import { EXIT, exitCodeOf } from './exit.mjs';
import { parseTool } from './parse-tool.mjs';

/** @typedef {import('./parse-tool.mjs').Options} Options */

/**
 * @template {Options} O
 * @typedef {import('./parse-tool.mjs').Usage<O> & { run: (given: Given<O>) => Promise<number> }} Tool `run` gives the
 *   exit code
 */

/**
 * @template {Options} O
 * @typedef {object} Given what a tool works with
 * @property {import('./parse-tool.mjs').Values<O>} values of its options
 * @property {string[]} positionals
 * @property {string} folder that the tool was called in; relative paths are meant from there
 * @property {import('../../settings.mjs').Settings} settings
 * @property {AbortSignal} signal aborted by Ctrl-C and its like, for an orderly end; a second one ends it at once
 */

/**
 * Runs a tool with the arguments of a command line, and sets this process's exit code.
 *
 * @template {Options} O
 * @param {Tool<O>} tool
 * @param {string[]} args
 */
export async function runTool(tool, args) {
  const { first: signal, second } = interrupts();
  second.addEventListener('abort', () => process.exit(EXIT.interrupted));
  try {
    const parsed = parseTool(tool, args);
    if (!parsed) return;
    // npm calls its scripts in the project's folder, and tells where it was called itself.
    const folder = process.env['INIT_CWD'] ?? process.cwd();
    process.chdir(ROOT);
    loadEnvFile();
    const settings = readSettings(process.env);
    process.exitCode = await tool.run({ ...parsed, folder, settings, signal });
  } catch (error) {
    // What fails once it is interrupted may fail for that reason.
    process.exitCode = signal.aborted ? EXIT.interrupted : exitCodeOf(error);
    if (!(error instanceof Interrupted)) console.error(error instanceof Failure ? error.message : error);
  }
}
