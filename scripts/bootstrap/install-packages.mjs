import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PROJECT_FOLDER, readProjectJson, UserFacingError } from './project.mjs';

/** A person who sees nothing new for about 10 s thinks that the program hangs. */
const PROGRESS_INTERVAL_MS = 5_000;

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
  if (missing.length > 0) await runNpm(args, missing, log);
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
  log(`Installing ${paths.length} packages: usually 20 to 60 s.`);
  const npm = spawn('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=http'], {
    cwd: PROJECT_FOLDER,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let [fetchCount, fetchStart] = [0, 0];
  createInterface(npm.stderr).on('line', (/** @type {string} */ line) => {
    if (line.startsWith('npm http')) fetchCount++;
    else console.error(line);
  });
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(name, () => process.exit(npm.kill() ? 130 : 1));
  const describe = (/** @type {number} */ seconds) => {
    if (fetchCount === 0) fetchStart = seconds;
    const count = paths.filter((path) => existsSync(join(PROJECT_FOLDER, path, 'package.json'))).length;
    // npm fetches two files for each package: its description, and the package.
    const done = (Math.min(fetchCount, 2 * paths.length) + count) / (3 * paths.length);
    const left =
      fetchCount === 0
        ? ' (npm reads its lists)'
        : `, about ${Math.ceil((seconds - fetchStart) * (1 / done - 1))} s left`;
    return `${fetchCount} files fetched, ${count} of ${paths.length} packages installed${left}`;
  };
  const exit = once(npm, 'exit').then(
    ([code]) => (code === 0 ? undefined : 'npm could not install the packages: correct the errors above.'),
    () => 'npm is not on the PATH: install Node with npm from https://nodejs.org.',
  );
  const problem = await logProgress({ log, describe }, () => exit);
  if (problem !== undefined) throw new UserFacingError(problem);
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
