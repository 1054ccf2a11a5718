import { basename } from 'node:path';
import { codeOf, Failure } from '../failure.mjs';
import { run } from '../command.mjs';

/**
 * Runs npm, the same one that runs this script if one does.
 *
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} options
 */
export async function npm(args, options) {
  const cli = process.env['npm_execpath'];
  try {
    return cli && basename(cli) === 'npm-cli.js'
      ? await run(process.execPath, [cli, ...args], options)
      : await run('npm', args, options);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new Failure('npm is not on the PATH: install it, it comes with Node.');
  }
}
