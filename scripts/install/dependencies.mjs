import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { getErrorCode, getErrorMessage, UserFacingError } from '../shared/errors.mjs';
import { PROJECT_FOLDER, readProjectJson } from '../shared/project-files.mjs';
import { findOnPath, runCommand } from '../shared/run-command.mjs';
import { findOutdatedPackages, getRequiredPackages } from './lock-file.mjs';

/** @typedef {import('./lock-file.mjs').LockedPackages} LockedPackages */
/** @typedef {{ log: (line: string) => void, signal: AbortSignal }} InstallOptions */

const PROGRESS_INTERVAL_MS = 10_000;
const MACHINE = { os: process.platform, cpu: process.arch };

/**
 * Installs the dependencies of package-lock.json if they are missing or outdated, and compiles better-sqlite3 for this
 * Node if needed. If everything is up to date, this takes a few milliseconds.
 *
 * @param {InstallOptions} options
 * @throws {UserFacingError}
 */
export async function ensureDependencies(options) {
  const { log } = options;
  const locked = readPackages('package-lock.json');
  if (!isUpToDate(locked)) {
    log(
      'Installing the dependencies (npm ci). This takes about two minutes if better-sqlite3 must be compiled.',
    );
    // The build needs development dependencies, even with NODE_ENV=production.
    await runNpmWithProgress(
      ['ci', '--include=dev', '--no-audit', '--no-fund'],
      getRequiredPackages(locked, MACHINE),
      options,
    );
  }
  if (findSqliteAddonProblem() === undefined) return;
  log(`Compiling better-sqlite3 for Node ${process.versions.node}. This may take about two minutes.`);
  await runNpmWithProgress(['rebuild', 'better-sqlite3'], [], options);
  const problem = findSqliteAddonProblem();
  if (problem !== undefined) {
    throw new UserFacingError(`better-sqlite3 cannot be loaded (${problem}): remove node_modules and retry.`);
  }
}

/** @param {LockedPackages} locked */
function isUpToDate(locked) {
  const installedFile = join('node_modules', '.package-lock.json');
  if (!existsSync(join(PROJECT_FOLDER, installedFile))) return false;
  const installed = readPackages(installedFile);
  if (findOutdatedPackages(locked, installed, MACHINE).length > 0) return false;
  // npm wrote this list when it finished; a folder may have been removed since.
  return Object.keys(installed).every((path) => existsSync(join(PROJECT_FOLDER, path)));
}

/** @param {string} file @returns {LockedPackages} */
function readPackages(file) {
  const { packages } = /** @type {{ packages: LockedPackages }} */ (readProjectJson(file));
  return packages;
}

/**
 * Runs npm and logs its progress.
 *
 * @param {readonly string[]} args
 * @param {readonly (readonly [path: string, ...unknown[]])[]} expected packages whose folders show the progress
 * @param {InstallOptions} options
 */
async function runNpmWithProgress(args, expected, { log, signal }) {
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const present = expected.filter(([path]) => existsSync(join(PROJECT_FOLDER, path))).length;
    const state = present < expected.length ? `${present} of ${expected.length} packages` : 'compiling';
    log(`  ${Math.round((performance.now() - startedAt) / 1000)} s: ${state}`);
  }, PROGRESS_INTERVAL_MS);
  try {
    const { code, output } = await runNpm(args, { signal, env: { JOBS: 'max' } });
    if (code === 0) return;
    const toolchain = /gyp|prebuild|better.sqlite3/i.test(output) ? describeMissingToolchain() : undefined;
    if (toolchain !== undefined) throw new UserFacingError(toolchain);
    console.error(output.trimEnd());
    throw new UserFacingError(`npm ${args[0] ?? ''} failed: correct the errors above.`);
  } finally {
    clearInterval(timer);
  }
}

/**
 * Runs npm: the npm that runs this script, if any, otherwise the one on the PATH.
 *
 * @param {readonly string[]} args
 * @param {Parameters<typeof runCommand>[2]} options
 * @throws {UserFacingError} if there is no npm
 */
export async function runNpm(args, options) {
  const cli = process.env['npm_execpath'];
  try {
    return cli && basename(cli) === 'npm-cli.js'
      ? await runCommand(process.execPath, [cli, ...args], options)
      : await runCommand('npm', args, options);
  } catch (error) {
    if (getErrorCode(error) !== 'ENOENT') throw error;
    throw new UserFacingError('npm is not on the PATH: install Node with npm from https://nodejs.org.');
  }
}

/**
 * Checks that better-sqlite3 is installed and that its native addon was compiled for this Node.
 *
 * @returns {string | undefined} the problem
 */
export function findSqliteAddonProblem() {
  try {
    const require = createRequire(join(PROJECT_FOLDER, 'packages', 'platform', 'package.json'));
    /** @type {unknown} */
    const loaded = require('better-sqlite3');
    const Database = /** @type {typeof import('better-sqlite3')} */ (loaded);
    new Database(':memory:').close();
    return undefined;
  } catch (error) {
    return getErrorMessage(error);
  }
}

/** What node-gyp needs, by its name for users; any program of a list is enough. */
const TOOLCHAIN = {
  python3: ['python3', 'python'],
  make: ['make', 'gmake'],
  'a C++ compiler': ['c++', 'g++', 'clang++'],
};

const TOOLCHAIN_HELP =
  'On Debian or Ubuntu run apt-get install -y python3 make g++, on Fedora dnf install -y python3 make gcc-c++, ' +
  'on macOS xcode-select --install; then start again.';

/**
 * Describes which programs for compiling a native addon are missing.
 *
 * @param {(names: readonly string[]) => string | undefined} find
 * @returns {string | undefined} a message, if one is missing
 */
export function describeMissingToolchain(find = findOnPath) {
  const missing = Object.entries(TOOLCHAIN)
    .filter(([, programs]) => find(programs) === undefined)
    .map(([name]) => name);
  if (missing.length === 0) return undefined;
  const list = missing.join(', ').replace(/, ([^,]*)$/, ' and $1');
  return `better-sqlite3 must be compiled on this machine, and ${list} cannot be found. ${TOOLCHAIN_HELP}`;
}
