import { parseArgs } from 'node:util';
import { codeOf, messageOf } from '../../failure.mjs';
import { UsageError } from './exit.mjs';

/** @typedef {NonNullable<import('node:util').ParseArgsConfig['options']>} Options */

/**
 * @template {Options} O
 * @typedef {ReturnType<typeof parseArgs<{ options: O, allowPositionals: true, strict: true }>>['values']} Values
 */

/**
 * @template {Options} O
 * @typedef {object} Usage
 * @property {string} usage what `--help` prints: usage, options, exit codes
 * @property {O} options
 * @property {number} [positionals] how many arguments it takes beside its options
 */

const HELP = /** @type {const} */ ({ help: { type: 'boolean', short: 'h' } });

/**
 * @template {Options} O
 * @param {Usage<O>} usage
 * @param {string[]} args of a command line
 * @returns {{ values: Values<O>, positionals: string[] } | undefined} nothing where help was wanted, and is printed
 * @throws {UsageError}
 */
export function parseTool({ usage, options, positionals: expected = 0 }, args) {
  const { values, positionals } = parse({ ...options, ...HELP }, args);
  if ('help' in values && values.help === true) {
    console.log(usage);
    return undefined;
  }
  if (positionals.length !== expected) {
    throw new UsageError(`Arguments due: ${expected}; given: ${positionals.length}. See --help.`);
  }
  return { values, positionals };
}

/** @template {Options} O @param {O} options @param {string[]} args */
function parse(options, args) {
  try {
    return parseArgs({ options, args, allowPositionals: true, strict: true });
  } catch (error) {
    if (!codeOf(error)?.startsWith('ERR_PARSE_ARGS')) throw error;
    // Its further sentences are about an option that is meant as an argument.
    const [sentence = ''] = messageOf(error).split(/\. |\n/);
    throw new UsageError(`${sentence.replace(/\.$/, '')}: see --help.`);
  }
}
