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
/** From this share of the written packages on, their number tells how much is left. */
const MIN_SHARE_FOR_ESTIMATE = 0.15;
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
 * @param {InstallOptions} options
 * @throws {UserFacingError}
 */
export async function ensurePackages({ log, signal, withDevelopment = false }) {
  const installed = existsSync(join(PROJECT_FOLDER, INSTALLED_FILE)) ? readPackages(INSTALLED_FILE) : {};
  // npm wrote this list when it finished; a folder may have been removed since.
  const present = Object.entries(installed).filter(([path]) => existsSync(join(PROJECT_FOLDER, path)));
  const wanted = selectWantedPackages(
    readPackages('package-lock.json'),
    Object.fromEntries(present),
    withDevelopment,
  );
  if (wanted === undefined) return;
  const { isComplete, packages } = wanted;
  const expected = getRequiredPackages(packages, MACHINE);
  log(`Installing ${expected.length} packages${isComplete ? ', those for development included' : ''}.`);
  const describe = (/** @type {number} */ elapsedSeconds) => {
    // npm makes the folders first.
    const isWritten = (/** @type {string} */ path) => existsSync(join(PROJECT_FOLDER, path, 'package.json'));
    const written = expected.filter(([path]) => isWritten(path)).length;
    return describePackageProgress(written, expected.length, elapsedSeconds);
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

/**
 * Selects the packages to install: none if the installed ones are enough. A folder that has development packages gets
 * all, because npm ci removes whatever it does not install.
 *
 * @param {LockedPackages} locked
 * @param {LockedPackages} installed
 * @param {boolean} withDevelopment whether development packages are needed
 * @returns {{ isComplete: boolean, packages: LockedPackages } | undefined}
 */
export function selectWantedPackages(locked, installed, withDevelopment) {
  const needed = withDevelopment ? locked : getRuntimePackages(locked);
  const isInstalled = Object.keys(installed).length > 0;
  if (isInstalled && findOutdatedPackages(needed, installed, MACHINE).length === 0) return undefined;
  const isComplete = withDevelopment || Object.values(installed).some(({ dev }) => dev);
  return { isComplete, packages: isComplete ? locked : getRuntimePackages(locked) };
}

/**
 * Describes how far npm ci is.
 *
 * @param {number} present packages
 * @param {number} expected packages
 * @param {number} elapsedSeconds
 */
export function describePackageProgress(present, expected, elapsedSeconds) {
  if (present >= expected) return `${expected} packages, finishing`;
  // Few are written before most are read, so their number says nothing yet.
  if (present < expected * MIN_SHARE_FOR_ESTIMATE)
    return `reading ${expected} packages, usually under a minute`;
  const left = Math.ceil((elapsedSeconds / present) * (expected - present));
  return `${present} of ${expected} packages, about ${left} s left`;
}

/** @param {string} file @returns {LockedPackages} */
function readPackages(file) {
  const { packages } = /** @type {{ packages: LockedPackages }} */ (readProjectJson(file));
  return packages;
}
