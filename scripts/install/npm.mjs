import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { getErrorCode, UserFacingError } from '../shared/errors.mjs';
import { PROJECT_FOLDER } from '../shared/project-files.mjs';
import { findOnPath, runCommand } from '../shared/run-command.mjs';

/**
 * Runs npm: the npm that runs this script, if any, otherwise the one on the PATH.
 *
 * @param {readonly string[]} args
 * @param {Parameters<typeof runCommand>[2]} options
 * @throws {UserFacingError} if there is no npm
 */
export async function runNpm(args, options) {
  const cli = findRunningNpm();
  try {
    return cli !== undefined
      ? await runCommand(process.execPath, [cli, ...args], { cwd: PROJECT_FOLDER, ...options })
      : await runCommand('npm', args, { cwd: PROJECT_FOLDER, ...options });
  } catch (error) {
    if (getErrorCode(error) !== 'ENOENT') throw error;
    throw new UserFacingError('npm is not on the PATH: install Node with npm from https://nodejs.org.');
  }
}

/** @returns {string | undefined} npm's program, if npm runs this script */
function findRunningNpm() {
  const cli = process.env['npm_execpath'];
  return cli && basename(cli) === 'npm-cli.js' ? cli : undefined;
}

/** @returns {string | undefined} the program node-gyp that comes with npm */
export function findNodeGyp() {
  const npm = findRunningNpm() ?? findOnPath(['npm']);
  if (npm === undefined) return undefined;
  // The program on the PATH is a link to bin/npm-cli.js of npm.
  const file = join(dirname(dirname(realpathSync(npm))), 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  return existsSync(file) ? file : undefined;
}
