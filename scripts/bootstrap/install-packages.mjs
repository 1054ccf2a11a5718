import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_FOLDER, readProjectJson, UserFacingError } from './project.mjs';

const PROGRESS_INTERVAL_MS = 5_000;
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
/** Has the hash of the installed lock file. `npm ci` removes it. */
const STAMP_FILE = 'node_modules/.lock-hash';

/**
 * Installs the packages, builds the apps, and provides the native addon that the packages lack.
 * @param {{ withDevelopment: boolean, log: (line: string) => void }} options `withDevelopment`: with what only tests need
 */
export async function installAndBuild({ withDevelopment, log }) {
  const { mode, hash } = getInstallMode(PROJECT_FOLDER, withDevelopment);
  if (mode !== undefined) {
    await runNpmCi(mode, log);
    writeFileSync(join(PROJECT_FOLDER, STAMP_FILE), hash);
  }
  // These need the packages.
  const { transpileProject } = await import('./transpile.mjs');
  transpileProject();
  const file = '../../apps/cli/dist/start/addon/sqlite-addon.js';
  /** @type {unknown} */
  const app = await import(file);
  const { ensureSqliteAddon } =
    /** @type {typeof import('../../apps/cli/src/start/addon/sqlite-addon.js')} */ (app);
  await ensureSqliteAddon({ log, signal: new AbortController().signal });
}

/**
 * Decides what to install. A complete installation stays complete.
 * @param {string} project @param {boolean} withDevelopment
 * @returns {{ mode: 'runtime' | 'complete' | undefined, hash: string }} undefined: nothing
 */
export function getInstallMode(project, withDevelopment) {
  const [lock, installed, stamp] = ['package-lock.json', 'node_modules/.package-lock.json', STAMP_FILE]
    .map((path) => join(project, path))
    .map((file) =>
      existsSync(file) ? { text: readFileSync(file, 'utf8'), time: statSync(file).mtimeMs } : undefined,
    );
  const hash = createHash('sha256')
    .update(lock?.text ?? '')
    .digest('hex');
  const isComplete = installed?.text.includes('"dev": true') ?? false;
  // npm writes the list of what is installed last. A developer may have run npm.
  const isCurrent = installed && lock && (stamp?.text === hash || installed.time >= lock.time);
  if (isCurrent && (isComplete || !withDevelopment)) return { mode: undefined, hash };
  return { mode: isComplete || withDevelopment ? 'complete' : 'runtime', hash };
}

/** @param {'runtime' | 'complete'} mode @param {(line: string) => void} log @throws {UserFacingError} if npm fails */
async function runNpmCi(mode, log) {
  /** @typedef {{ packages: Record<string, { dev?: true, optional?: true }> }} LockFile */
  const { packages } = /** @type {LockFile} */ (readProjectJson('package-lock.json'));
  const wanted = Object.entries(packages)
    .filter(([path, { dev, optional }]) => path && !optional && (mode === 'complete' || !dev))
    .map(([path]) => join(PROJECT_FOLDER, path, 'package.json'));
  log(
    `Installing ${wanted.length} packages${mode === 'complete' ? ', those for development included' : ''}.`,
  );
  const scope = mode === 'complete' ? '--include=dev' : '--omit=dev';
  const npm = spawn('npm', ['ci', scope, '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: PROJECT_FOLDER,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const stop = () => process.exit(npm.kill() ? 130 : 1);
  for (const signal of SIGNALS) process.on(signal, stop);
  const timer = setInterval(() => {
    const count = wanted.filter((file) => existsSync(file)).length;
    log(`  ${Math.round(performance.now() / 1000)} s: ${count} of ${wanted.length} packages`);
  }, PROGRESS_INTERVAL_MS);
  const exit = once(npm, 'exit').then(
    ([code]) => (code === 0 ? undefined : 'npm ci failed: correct the errors above.'),
    () => 'npm is not on the PATH: install Node with npm from https://nodejs.org.',
  );
  const problem = await exit;
  clearInterval(timer);
  for (const signal of SIGNALS) process.off(signal, stop);
  if (problem !== undefined) throw new UserFacingError(problem);
}
