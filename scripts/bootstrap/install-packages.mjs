import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PROJECT_FOLDER, readProjectJson, UserFacingError } from './project.mjs';

/** A person who sees nothing new for about 10 s thinks that the program hangs. */
const PROGRESS_INTERVAL_MS = 5_000;
/** Share of the work after which its speed tells how long the rest takes. */
const MIN_ESTIMATE_SHARE = 0.1;
const STOP_SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/** By their paths. @typedef {Record<string, { integrity?: string, dev?: boolean, optional?: boolean }>} Packages */

/**
 * Installs the packages, builds the apps, and provides the native addon that the packages lack.
 * @param {{ withDevelopment: boolean, log: (line: string) => void }} options `withDevelopment`: with what only tests need
 */
export async function installAndBuild({ withDevelopment, log }) {
  // npm writes the second list, of what is installed, last.
  const [locked = {}, installed = {}] = ['package-lock.json', 'node_modules/.package-lock.json'].map(
    (file) => {
      /** @type {{ packages: Packages }} */
      const list = existsSync(join(PROJECT_FOLDER, file)) ? readProjectJson(file) : { packages: {} };
      return list.packages;
    },
  );
  const { missing, args } = planInstallation(locked, installed, withDevelopment);
  // npm fetches nothing for the links to our own packages, which have no checksum.
  const fetched = missing.filter((path) => locked[path]?.integrity);
  if (missing.length > 0) await runNpm(args, fetched, log);
  // This needs the packages.
  const { buildProject } = await import('./build-project.mjs');
  await buildProject(log);
}

/**
 * Lists the paths of missing and outdated packages, and the arguments with which npm installs them. A complete installation
 * stays complete. Unlike `npm ci`, `npm install` leaves the packages that services may be running.
 * @param {Packages} locked @param {Packages} installed @param {boolean} withDevelopment
 */
export function planInstallation(locked, installed, withDevelopment) {
  const isComplete = withDevelopment || Object.values(installed).some(({ dev }) => dev);
  const missing = Object.entries(locked)
    .filter(
      ([path, { dev, optional }]) => path.includes('node_modules/') && !optional && (isComplete || !dev),
    )
    .filter(([path, { integrity }]) => !installed[path] || installed[path].integrity !== integrity)
    .map(([path]) => path);
  const command = Object.keys(installed).length > 0 ? ['install', '--no-save'] : ['ci'];
  return { missing, args: [...command, isComplete ? '--include=dev' : '--omit=dev'] };
}

/** @param {string[]} args @param {string[]} paths @param {(line: string) => void} log @throws {UserFacingError} */
async function runNpm(args, paths, log) {
  const seconds = [200, 60].map((rate) => 10 * Math.ceil(paths.length / rate)).join(' to ');
  log(`Installing ${paths.length} packages: usually ${seconds} s.`);
  const npm = spawn('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=http'], {
    cwd: PROJECT_FOLDER,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let [fetchCount, fetchStart] = [0, 0];
  createInterface(npm.stderr).on('line', (/** @type {string} */ line) => {
    if (line.startsWith('npm http')) fetchCount++;
    else console.error(line);
  });
  const stop = () => process.exit(npm.kill() ? 130 : 1);
  for (const name of STOP_SIGNALS) process.on(name, stop);
  const describe = (/** @type {number} */ elapsedSeconds) => {
    if (fetchCount === 0) fetchStart = elapsedSeconds;
    const installedCount = paths.filter((path) =>
      existsSync(join(PROJECT_FOLDER, path, 'package.json')),
    ).length;
    const fetchSeconds = elapsedSeconds - fetchStart;
    return describeInstallation({ fetchCount, fetchSeconds, installedCount, total: paths.length });
  };
  const exit = once(npm, 'exit').then(
    ([code]) => (code === 0 ? undefined : 'npm could not install the packages: correct the errors above.'),
    () => 'npm is not on the PATH: install Node with npm from https://nodejs.org.',
  );
  const problem = await logProgress({ log, describe }, () => exit);
  // From now on the app decides what a signal does.
  for (const name of STOP_SIGNALS) process.off(name, stop);
  if (problem !== undefined) throw new UserFacingError(problem);
}

/** @param {{ fetchCount: number, fetchSeconds: number, installedCount: number, total: number }} state */
export function describeInstallation({ fetchCount, fetchSeconds, installedCount, total }) {
  if (fetchCount === 0) return 'npm reads its lists of packages';
  if (installedCount === total) return `all ${total} packages installed, npm links their programs`;
  // npm fetches two files for each package: its description, and the package.
  const done = (Math.min(fetchCount, 2 * total) + installedCount) / (3 * total);
  const left = done < MIN_ESTIMATE_SHARE ? '' : `, about ${Math.ceil(fetchSeconds * (1 / done - 1))} s left`;
  return `${fetchCount} files fetched, ${installedCount} of ${total} packages installed${left}`;
}

/**
 * Logs a line at an interval while some work runs: the elapsed time, and what the work has done and has left to do.
 * @template T @param {{ log: (line: string) => void, describe: (elapsedSeconds: number) => string }} options
 * @param {() => Promise<T>} work
 */
export async function logProgress({ log, describe }, work) {
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    log(`  ${seconds} s: ${describe(seconds)}`);
  }, PROGRESS_INTERVAL_MS);
  return work().finally(() => clearInterval(timer));
}
