import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { hasToolchain, MISSING_TOOLCHAIN, PROJECT_FOLDER } from '../../shared/bootstrap.js';
import { EXIT_CODES, isInterruptedError, UserFacingError } from '../../shared/errors.js';
import { listenForInterrupts } from '../../shared/interrupts.js';
import { logProgress } from '../../shared/log-progress.js';
import { findOnPath } from '../programs/find-on-path.js';
import { createAptInstaller, ensureProgram, type InstallOptions } from '../programs/program-installer.js';
import { runCommand } from '../programs/run-command.js';
import { copyAtomically, findCachedAddon, getMachineAddonFolder, storeAddon } from './addon-cache.js';
import { createCompileProgress } from './compile-progress.js';

/** The package that uses better-sqlite3, in the project's folder. */
const USER_PACKAGE = join('packages', 'platform', 'package.json');

/** A download that takes longer than this is given up; the addon is compiled then. */
const DOWNLOAD_TIMEOUT_MS = 60_000;

/** Loads the addon in another process: one process cannot load a second file after the first one failed. */
const LOAD_SCRIPT = `
  try {
    new (require('better-sqlite3'))(':memory:').close();
  } catch (error) {
    console.log(error.message);
    process.exitCode = 1;
  }`;

/**
 * Calls {@link ensureSqliteAddon} for the bootstrap, which handles no signals: Ctrl-C stops the compiler, then this process.
 */
export async function provideSqliteAddon(log: (line: string) => void): Promise<void> {
  const { stop: signal, stopListening } = listenForInterrupts();
  try {
    await ensureSqliteAddon({ log, signal });
    signal.throwIfAborted();
  } catch (error) {
    if (isInterruptedError(error)) process.exit(EXIT_CODES.interrupted);
    throw error;
  } finally {
    stopListening();
  }
}

/**
 * Provides the native addon of better-sqlite3 for this Node: the installed one if it loads, otherwise a cached one, a
 * downloaded prebuilt one, or one that is compiled now, in this order.
 * @throws UserFacingError with what to do, if none of these works
 */
export async function ensureSqliteAddon({
  log,
  signal,
  project = PROJECT_FOLDER,
}: InstallOptions & { readonly project?: string }): Promise<void> {
  const findProblem = () => findSqliteAddonProblem(signal, project);
  const problem = await findProblem();
  const folder = dirname(createRequire(join(project, USER_PACKAGE)).resolve('better-sqlite3/package.json'));
  const addon = join(folder, 'build', 'Release', 'better_sqlite3.node');
  const cacheFolder = getMachineAddonFolder(readVersion(folder));
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

function tryToStoreAddon(cacheFolder: string, addon: string): void {
  try {
    storeAddon(cacheFolder, addon);
  } catch {
    // The next clone compiles again. This one works.
  }
}

/**
 * Checks that better-sqlite3 is installed and that its native addon loads in this Node.
 * @returns the problem
 */
export async function findSqliteAddonProblem(
  signal: AbortSignal,
  project = PROJECT_FOLDER,
): Promise<string | undefined> {
  const options = { signal, cwd: dirname(join(project, USER_PACKAGE)) };
  const { code, output } = await runCommand(process.execPath, ['-e', LOAD_SCRIPT], options);
  return code === 0 ? undefined : output.trim() || 'the addon crashes';
}

/**
 * Describes an addon that was compiled for another major version of Node.
 * @param problem as the system reports it
 * @returns undefined if this is not the problem
 */
export function describeOtherNode(problem: string): string | undefined {
  if (!/NODE_MODULE_VERSION|did not self-register/.test(problem)) return undefined;
  const [, abi] = /NODE_MODULE_VERSION (\d+)/.exec(problem) ?? [];
  const other = abi === undefined ? '' : ` (ABI ${abi})`;
  return (
    `The installed better-sqlite3 is for another version of Node${other}, ` +
    `not for Node ${process.versions.node} (ABI ${process.versions.modules}).`
  );
}

/** The version of the installed better-sqlite3. */
function readVersion(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return version;
}

/**
 * @param addon its path in the package
 * @returns whether there is a cached addon
 */
function useCachedAddon(cacheFolder: string, addon: string): boolean {
  try {
    const cached = findCachedAddon(cacheFolder);
    if (cached === undefined) return false;
    mkdirSync(dirname(addon), { recursive: true });
    copyAtomically(cached, addon);
    return true;
  } catch {
    // The cache cannot be read, or another start replaces the file.
    return false;
  }
}

/** @returns whether there is a prebuilt addon for this Node and machine, and it was downloaded */
async function downloadAddon(folder: string, { log, signal }: InstallOptions): Promise<boolean> {
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
 * @param folder of the package
 * @param forOtherNode what is wrong with the present addon
 */
async function compileAddon(
  folder: string,
  forOtherNode: string | undefined,
  { log, signal }: InstallOptions,
): Promise<void> {
  await ensureProgram({
    find: () => (hasToolchain() ? 'all' : undefined),
    installer: createAptInstaller(['python3', 'make', 'g++']),
    missing: `better-sqlite3 must be compiled, and ${MISSING_TOOLCHAIN}`,
    log,
    signal,
  });
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
      env: { JOBS: 'max', npm_config_nodedir: findHeadersFolder(process.env['npm_config_nodedir']) },
    }),
  );
  if (code === 0) return;
  throw new UserFacingError(
    forOtherNode === undefined
      ? `${output.trimEnd()}\nbetter-sqlite3 could not be compiled: correct the errors above.`
      : `${output.trimEnd()}\n${forOtherNode} It could not be compiled again: correct the errors above, or start with the other Node.`,
  );
}

/** The program node-gyp that comes with npm. */
function findNodeGyp(): string | undefined {
  const runningNpm = process.env['npm_execpath'];
  const npm = runningNpm?.endsWith('npm-cli.js') ? runningNpm : findOnPath(['npm']);
  if (npm === undefined) return undefined;
  // The program on the PATH is a link to bin/npm-cli.js of npm.
  const file = join(dirname(dirname(realpathSync(npm))), 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  return existsSync(file) ? file : undefined;
}

/**
 * Finds the C++ headers of exactly this Node: in the configured folder, which may also be a source tree of Node, or where
 * they were installed with it. Headers of another version would give an addon that does not load.
 * @param configured the setting `nodedir` of npm
 * @returns undefined: node-gyp downloads the headers
 */
export const findHeadersFolder = (configured: string | undefined): string | undefined =>
  [configured ?? '', dirname(dirname(process.execPath))].find((folder) =>
    ['include/node', 'src'].some(
      (path) => readHeadersVersion(join(folder, path, 'node_version.h')) === process.versions.node,
    ),
  );

function readHeadersVersion(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  return ['MAJOR', 'MINOR', 'PATCH']
    .map((part) => new RegExp(String.raw`#define NODE_${part}_VERSION (\d+)`).exec(text)?.[1])
    .join('.');
}
