import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UserFacingError } from '../shared/errors.mjs';
import { PROJECT_FOLDER, readProjectJson } from '../shared/project-files.mjs';
import { runCommand } from '../shared/run-command.mjs';
import { copyAtomically, findCachedAddon, getAddonCacheFolder, storeAddon } from './addon-cache.mjs';
import { createCompileProgress } from './compile-progress.mjs';
import { findNodeGyp } from './npm.mjs';
import { logProgress } from './progress.mjs';
import { describeMissingToolchain } from './toolchain.mjs';

/** The package that uses better-sqlite3, in the project's folder. */
const USER_PACKAGE = join('packages', 'platform', 'package.json');

/** A download that takes longer than this is given up; the addon is compiled then. */
const DOWNLOAD_TIMEOUT_MS = 60_000;
const HEAD_TIMEOUT_MS = 5_000;

/** Loads the addon in another process: one process cannot load a second file after the first one failed. */
const LOAD_SCRIPT = `
  try {
    new (require('better-sqlite3'))(':memory:').close();
  } catch (error) {
    console.log(error.message);
    process.exitCode = 1;
  }`;

/**
 * Provides the native addon of better-sqlite3 for this Node: the installed one if it loads, otherwise a cached one, a
 * downloaded prebuilt one, or one that is compiled now, in this order.
 *
 * @param {object} options
 * @param {(line: string) => void} options.log
 * @param {AbortSignal} options.signal
 * @param {string} [options.project] folder of the project
 * @throws {UserFacingError} with what to do, if none of these works
 */
export async function ensureSqliteAddon({ log, signal, project = PROJECT_FOLDER }) {
  const findProblem = () => findSqliteAddonProblem(signal, project);
  const problem = await findProblem();
  const folder = dirname(createRequire(join(project, USER_PACKAGE)).resolve('better-sqlite3/package.json'));
  const addon = join(folder, 'build', 'Release', 'better_sqlite3.node');
  const cacheFolder = getAddonCacheFolder(readLockedVersion());
  if (problem === undefined) {
    // npm may have compiled it.
    if (!existsSync(cacheFolder)) tryToStoreAddon(cacheFolder, addon);
    return;
  }
  const forOtherNode = describeOtherNode(problem);
  if (forOtherNode !== undefined) log(`${forOtherNode} Replacing it.`);

  if (useCachedAddon(cacheFolder, addon) && (await findProblem()) === undefined) return;
  const isDownloaded = await downloadAddon(folder, { log, signal });
  if (!isDownloaded || (await findProblem()) !== undefined) {
    await compileAddon(folder, forOtherNode, { log, signal });
    const remaining = await findProblem();
    if (remaining !== undefined) {
      throw new UserFacingError(
        `better-sqlite3 cannot be loaded (${remaining}): remove node_modules and retry.`,
      );
    }
  }
  tryToStoreAddon(cacheFolder, addon);
}

/** @param {string} cacheFolder @param {string} addon */
function tryToStoreAddon(cacheFolder, addon) {
  try {
    storeAddon(cacheFolder, addon);
  } catch {
    // The next clone compiles again. This one works.
  }
}

/**
 * Checks that better-sqlite3 is installed and that its native addon loads in this Node.
 *
 * @param {AbortSignal} signal
 * @returns {Promise<string | undefined>} the problem
 */
export async function findSqliteAddonProblem(signal, project = PROJECT_FOLDER) {
  const options = { signal, cwd: dirname(join(project, USER_PACKAGE)) };
  const { code, output } = await runCommand(process.execPath, ['-e', LOAD_SCRIPT], options);
  return code === 0 ? undefined : output.trim() || 'the addon crashes';
}

/**
 * Describes an addon that was compiled for another major version of Node.
 *
 * @param {string} problem as the system reports it
 * @returns {string | undefined} undefined if this is not the problem
 */
export function describeOtherNode(problem) {
  if (!/NODE_MODULE_VERSION|did not self-register/.test(problem)) return undefined;
  const [, abi] = /NODE_MODULE_VERSION (\d+)/.exec(problem) ?? [];
  const other = abi === undefined ? '' : ` (ABI ${abi})`;
  return (
    `The installed better-sqlite3 is for another version of Node${other}, ` +
    `not for Node ${process.versions.node} (ABI ${process.versions.modules}).`
  );
}

/** @returns {string} the version of better-sqlite3 that is or will be installed */
function readLockedVersion() {
  const { packages } = /** @type {{ packages: import('./lock-file.mjs').LockedPackages }} */ (
    readProjectJson('package-lock.json')
  );
  return packages['node_modules/better-sqlite3']?.version ?? '';
}

/** @param {string} cacheFolder @param {string} addon its path in the package @returns {boolean} whether there is one */
function useCachedAddon(cacheFolder, addon) {
  const cached = findCachedAddon(cacheFolder);
  if (cached === undefined) return false;
  mkdirSync(dirname(addon), { recursive: true });
  copyAtomically(cached, addon);
  return true;
}

/**
 * @param {string} folder of the package
 * @param {{ log: (line: string) => void, signal: AbortSignal }} options
 * @returns {Promise<boolean>} whether there is a prebuilt addon for this Node and machine, and it was downloaded
 */
async function downloadAddon(folder, { log, signal }) {
  const program = createRequire(join(folder, 'package.json')).resolve('prebuild-install/bin.js');
  const timeout = AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS);
  const describe = () => 'looking for a prebuilt better-sqlite3 on the internet';
  try {
    const { code } = await logProgress({ log, describe }, () =>
      runCommand(process.execPath, [program], { signal: AbortSignal.any([signal, timeout]), cwd: folder }),
    );
    return code === 0;
  } catch (error) {
    if (signal.aborted) throw error;
    return false;
  }
}

/**
 * Asks whether the publisher of better-sqlite3 has a prebuilt addon for this Node and machine.
 *
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>} false without internet
 */
async function isPrebuiltAddonAvailable(signal) {
  const version = readLockedVersion();
  const { platform, arch, versions } = process;
  const isMusl = getAddonCacheFolder(version).endsWith('-musl');
  const name = `better-sqlite3-v${version}-node-v${versions.modules}-${platform}${isMusl ? 'musl' : ''}-${arch}.tar.gz`;
  try {
    const response = await fetch(
      `https://github.com/WiseLibs/better-sqlite3/releases/download/v${version}/${name}`,
      { method: 'HEAD', signal: AbortSignal.any([signal, AbortSignal.timeout(HEAD_TIMEOUT_MS)]) },
    );
    return response.ok;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/**
 * Predicts whether {@link ensureSqliteAddon} compiles. The internet is asked only if a program for compiling is missing.
 *
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>} true if it compiles and cannot, because a program is missing
 */
export async function isToolchainMissing(signal) {
  if (describeMissingToolchain() === undefined) return false;
  if (findCachedAddon(getAddonCacheFolder(readLockedVersion())) !== undefined) return false;
  return !(await isPrebuiltAddonAvailable(signal));
}

/**
 * @param {string} folder of the package
 * @param {string | undefined} forOtherNode what is wrong with the present addon
 * @param {{ log: (line: string) => void, signal: AbortSignal }} options
 * @throws {UserFacingError}
 */
async function compileAddon(folder, forOtherNode, { log, signal }) {
  const missing = describeMissingToolchain();
  if (missing !== undefined) throw new UserFacingError(missing);
  const program = findNodeGyp();
  if (program === undefined) {
    throw new UserFacingError(
      'better-sqlite3 must be compiled, and npm with node-gyp cannot be found: install Node with npm from https://nodejs.org.',
    );
  }
  log(
    `Compiling better-sqlite3 for Node ${process.versions.node}: usually 1 to 2 minutes, once per machine.`,
  );
  const progress = createCompileProgress();
  const { code, output } = await logProgress({ log, describe: progress.describe }, () =>
    runCommand(process.execPath, [program, 'rebuild', '--release'], {
      signal,
      cwd: folder,
      onStart: progress.start,
      onOutput: progress.addOutput,
      env: { JOBS: 'max', npm_config_nodedir: findHeadersFolder() },
    }),
  );
  if (code === 0) return;
  console.error(output.trimEnd());
  throw new UserFacingError(
    forOtherNode === undefined
      ? 'better-sqlite3 could not be compiled: correct the errors above.'
      : `${forOtherNode} It could not be compiled again: correct the errors above, or start with the other Node.`,
  );
}

/**
 * @returns {string | undefined} the folder with the C++ headers of exactly this Node, if they were installed with it.
 *   Without it node-gyp downloads them
 */
function findHeadersFolder() {
  const folder = dirname(dirname(process.execPath));
  const file = join(folder, 'include', 'node', 'node_version.h');
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  const parts = ['MAJOR', 'MINOR', 'PATCH'].map(
    (part) => new RegExp(String.raw`#define NODE_${part}_VERSION (\d+)`).exec(text)?.[1],
  );
  return parts.join('.') === process.versions.node ? folder : undefined;
}
