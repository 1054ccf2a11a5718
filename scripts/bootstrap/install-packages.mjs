import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkPrerequisites } from './prerequisites.mjs';
import { PROJECT_FOLDER, readProjectJson, UserFacingError } from './project.mjs';

/** A person who sees nothing new for about 10 s thinks that the program hangs. */
const PROGRESS_INTERVAL_MS = 5_000;
const STOP_SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/** By their paths. @typedef {Record<string, { integrity?: string, dev?: boolean, optional?: boolean }>} Packages */

/** @param {string} file a list that npm writes; a missing one is empty */
const readPackages = (file) =>
  /** @type {{ packages: Packages }} */ (readProjectJson(file, '{ "packages": {} }')).packages;

/**
 * Installs the packages, builds the apps, and provides the native addon that the packages lack. It reports on stderr.
 * @param {{ withDevelopment: boolean, usesPorts?: boolean }} options `withDevelopment`: with what only tests need.
 *   `usesPorts`: the caller runs services, on the ports of the settings or on others; without it, it runs none
 */
export async function installAndBuild({ withDevelopment, usesPorts }) {
  // npm writes this list, of what is installed, last.
  const installed = readPackages('node_modules/.package-lock.json');
  const locked = readPackages('package-lock.json');
  const { missing, args } = planInstallation(locked, installed, withDevelopment);
  if (missing.length > 0) {
    if (usesPorts !== undefined) await checkPrerequisites(usesPorts);
    await runNpm(args, missing);
  }
  const { buildProject } = await import('./build-project.mjs');
  await buildProject();
}

/**
 * Lists the paths of missing and outdated packages, and the arguments with which npm installs them. A complete installation
 * stays complete. Unlike `npm ci`, `npm install` leaves the packages that services may be running.
 * @param {Packages} locked @param {Packages} installed @param {boolean} withDevelopment
 */
export function planInstallation(locked, installed, withDevelopment) {
  const isComplete = withDevelopment || Object.values(installed).some(({ dev }) => dev);
  const missing = Object.keys(locked).filter((path) => {
    const { dev, optional, integrity } = locked[path] ?? {};
    if (!path.includes('node_modules/') || optional || (dev && !isComplete)) return false;
    return !installed[path] || installed[path].integrity !== integrity;
  });
  const command = Object.keys(installed).length > 0 ? ['install', '--no-save'] : ['ci'];
  return { missing, args: [...command, isComplete ? '--include=dev' : '--omit=dev'] };
}

/** @param {string[]} args @param {string[]} paths of the packages to install @throws {UserFacingError} */
async function runNpm(args, paths) {
  console.error(`Installing ${paths.length} packages: usually 15 to 70 s.`);
  const options = { cwd: PROJECT_FOLDER, maxBuffer: Infinity };
  const npm = execFile('npm', [...args, '--ignore-scripts', '--loglevel=http'], options);
  const stop = () => process.exit(npm.kill() ? 130 : 1);
  for (const name of STOP_SIGNALS) process.on(name, stop);
  let output = '';
  npm.stderr?.on('data', (/** @type {string} */ text) => (output += text));
  const timer = setInterval(() => {
    const installed = paths.filter((path) => existsSync(join(PROJECT_FOLDER, path, 'package.json'))).length;
    const answers = output.match(/^npm http/gm)?.length ?? 0;
    // npm first fetches the descriptions of all packages. This takes about half of the time.
    const done = (Math.min(answers, paths.length) + installed) / (2 * paths.length);
    const left = done < 0.1 ? '' : `, about ${Math.ceil(process.uptime() * (1 / done - 1))} s left`;
    const progress = `${Math.floor(100 * done)} % done, ${installed} of ${paths.length} packages installed`;
    console.error(`  ${Math.round(process.uptime())} s: ${progress}${left}`);
  }, PROGRESS_INTERVAL_MS);
  const result = await once(npm, 'close').then(([code]) => String(code), String);
  clearInterval(timer);
  // From now on the app decides what a signal does.
  for (const name of STOP_SIGNALS) process.off(name, stop);
  const problem = `npm could not install the packages (${result}): correct the errors above.`;
  if (result !== '0') throw new UserFacingError(output.replaceAll(/^npm http.*\n/gm, '') + problem);
}
