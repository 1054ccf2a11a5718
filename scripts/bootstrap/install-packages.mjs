import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PROJECT_FOLDER, readProjectJson, UserFacingError } from './project.mjs';

/** A person who sees nothing new for about 10 s thinks that the program hangs. */
const PROGRESS_INTERVAL_MS = 5_000;
const STOP_SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
/** npm writes this list, of what is installed, last. */
const INSTALLED_LIST = 'node_modules/.package-lock.json';

/** By their paths. @typedef {Record<string, { integrity?: string, dev?: boolean, optional?: boolean }>} Packages */

/**
 * Installs the packages, builds the apps, and provides the native addon that the packages lack.
 * @param {{ withDevelopment: boolean, log: (line: string) => void, check?: () => Promise<void> }} options
 *   `withDevelopment`: with what only tests need. `check` is called before packages are installed
 */
export async function installAndBuild({ withDevelopment, log, check }) {
  /** @type {{ packages: Packages }} */
  const locked = readProjectJson('package-lock.json');
  /** @type {{ packages: Packages }} */
  const installed = existsSync(join(PROJECT_FOLDER, INSTALLED_LIST))
    ? readProjectJson(INSTALLED_LIST)
    : { packages: {} };
  const { missing, args } = planInstallation(locked.packages, installed.packages, withDevelopment);
  if (missing.length > 0) {
    await check?.();
    await runNpm(args, missing, log);
  }
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
  log(`Installing ${paths.length} packages: usually 15 to 70 s.`);
  const npm = spawn('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=http'], {
    cwd: PROJECT_FOLDER,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stop = () => process.exit(npm.kill() ? 130 : 1);
  for (const name of STOP_SIGNALS) process.on(name, stop);
  let fetched = 0;
  createInterface(npm.stderr).on('line', (/** @type {string} */ line) => {
    if (line.startsWith('npm http')) fetched++;
    else console.error(line);
  });
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    const installed = paths.filter((path) => existsSync(join(PROJECT_FOLDER, path, 'package.json'))).length;
    log(`  ${seconds} s: ${describeInstallation({ fetched, installed, total: paths.length, seconds })}`);
  }, PROGRESS_INTERVAL_MS);
  const problem = await once(npm, 'exit').then(
    ([code]) => (code === 0 ? undefined : 'npm could not install the packages: correct the errors above.'),
    () => 'npm is not on the PATH: install Node with npm from https://nodejs.org.',
  );
  clearInterval(timer);
  // From now on the app decides what a signal does.
  for (const name of STOP_SIGNALS) process.off(name, stop);
  if (problem !== undefined) throw new UserFacingError(problem);
}

/** @param {Record<'fetched' | 'installed' | 'total' | 'seconds', number>} state */
export function describeInstallation({ fetched, installed, total, seconds }) {
  // npm fetches two files for each package: its description, and the package.
  const done = (Math.min(fetched, 2 * total) + installed) / (3 * total);
  const left = done < 0.1 ? '' : `, about ${Math.ceil(seconds * (1 / done - 1))} s left`;
  return `${fetched} files fetched, ${installed} of ${total} packages installed${left}`;
}
