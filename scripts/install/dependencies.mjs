import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserFacingError } from '../shared/errors.mjs';
import { PROJECT_FOLDER, readProjectJson } from '../shared/project-files.mjs';
import { findOutdatedPackages, getRequiredPackages, getRuntimePackages } from './lock-file.mjs';
import { runNpm } from './npm.mjs';
import { logProgress } from './progress.mjs';
import { ensureSqliteAddon } from './sqlite-addon.mjs';

/** @typedef {import('./lock-file.mjs').LockedPackages} LockedPackages */
/**
 * @typedef {object} InstallOptions
 * @property {(line: string) => void} log
 * @property {AbortSignal} signal
 * @property {boolean} [withDevelopment] also installs what only checks and tests need
 */

const INSTALLED_FILE = join('node_modules', '.package-lock.json');
const MACHINE = { os: process.platform, cpu: process.arch };

/**
 * Installs the dependencies that are missing or outdated, and the native addon of better-sqlite3. If everything is up
 * to date, this takes about 0.1 s.
 *
 * @param {InstallOptions} options
 * @throws {UserFacingError}
 */
export async function ensureDependencies(options) {
  await ensurePackages(options);
  await ensureSqliteAddon(options);
}

/**
 * Installs the packages of package-lock.json if one is missing or outdated. Scripts of packages do not run:
 * {@link ensureSqliteAddon} provides the only file that one of them makes.
 *
 * A folder with development packages keeps them: npm ci removes whatever it does not install.
 *
 * @param {InstallOptions} options
 * @throws {UserFacingError}
 */
export async function ensurePackages({ log, signal, withDevelopment = false }) {
  const locked = readPackages('package-lock.json');
  const installed = existsSync(join(PROJECT_FOLDER, INSTALLED_FILE)) ? readPackages(INSTALLED_FILE) : {};
  if (isUpToDate(withDevelopment ? locked : getRuntimePackages(locked), installed)) return;
  const isComplete = withDevelopment || Object.values(installed).some(({ dev }) => dev);
  const expected = getRequiredPackages(isComplete ? locked : getRuntimePackages(locked), MACHINE);
  log(`Installing ${expected.length} packages${isComplete ? ', those for development included' : ''}.`);
  const describe = (/** @type {number} */ elapsedSeconds) => {
    // npm makes the folders first.
    const isWritten = (/** @type {string} */ path) => existsSync(join(PROJECT_FOLDER, path, 'package.json'));
    const present = expected.filter(([path]) => isWritten(path)).length;
    return describePackageProgress(present, expected.length, elapsedSeconds);
  };
  // npm omits development packages by itself with NODE_ENV=production.
  const scope = isComplete ? '--include=dev' : '--omit=dev';
  await logProgress({ log, describe }, async () => {
    const args = ['ci', scope, '--ignore-scripts', '--no-audit', '--no-fund'];
    const { code, output } = await runNpm(args, { signal });
    if (code === 0) return;
    console.error(output.trimEnd());
    throw new UserFacingError('npm ci failed: correct the errors above.');
  });
}

/** @param {LockedPackages} wanted @param {LockedPackages} installed */
const isUpToDate = (wanted, installed) =>
  Object.keys(installed).length > 0 &&
  findOutdatedPackages(wanted, installed, MACHINE).length === 0 &&
  // npm wrote this list when it finished; a folder may have been removed since.
  Object.keys(installed).every((path) => existsSync(join(PROJECT_FOLDER, path)));

/**
 * Describes how far npm ci is.
 *
 * @param {number} present packages
 * @param {number} expected packages
 * @param {number} elapsedSeconds
 */
export function describePackageProgress(present, expected, elapsedSeconds) {
  if (present === 0) return 'reading package-lock.json';
  if (present >= expected) return `${expected} packages, finishing`;
  const left = Math.ceil((elapsedSeconds / present) * (expected - present));
  return `${present} of ${expected} packages, about ${left} s left`;
}

/** @param {string} file @returns {LockedPackages} */
function readPackages(file) {
  const { packages } = /** @type {{ packages: LockedPackages }} */ (readProjectJson(file));
  return packages;
}
