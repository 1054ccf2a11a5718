import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../failure.mjs';
import { readJson } from '../read-json.mjs';
import { ROOT } from '../root.mjs';
import { addonFault } from './addon.mjs';
import { outOfDate, requiredPackages } from './lock-file.mjs';
import { npm } from './npm.mjs';
import { missingToolchain } from './toolchain.mjs';

/** @typedef {import('./lock-file.mjs').Packages} Packages */
/** @typedef {{ say: (line: string) => void, signal: AbortSignal }} Options */

const PROGRESS_MS = 10_000;
const PLATFORM = { os: process.platform, cpu: process.arch };

/**
 * Installs what is missing or not as package-lock.json says, and makes sure that the one compiled package is made for
 * this Node. Where all is well this costs a few milliseconds.
 *
 * @param {Options} options
 * @throws {Failure}
 */
export async function ensureDependencies(options) {
  const { say } = options;
  const locked = readPackages('package-lock.json');
  if (!isUpToDate(locked)) {
    say(
      'Installing the dependencies (npm ci). It takes about two minutes where better-sqlite3 must be compiled.',
    );
    // Whatever NODE_ENV says: what builds is a development dependency.
    await npmOrFail(
      ['ci', '--include=dev', '--no-audit', '--no-fund'],
      requiredPackages(locked, PLATFORM),
      options,
    );
  }
  if (addonFault() === undefined) return;
  say(`Compiling better-sqlite3 for Node ${process.versions.node}. It may take about two minutes.`);
  await npmOrFail(['rebuild', 'better-sqlite3'], [], options);
  const fault = addonFault();
  if (fault !== undefined) throw new Failure(`better-sqlite3 cannot be loaded: ${fault}`);
}

/** @param {Packages} locked */
function isUpToDate(locked) {
  const hidden = join('node_modules', '.package-lock.json');
  if (!existsSync(join(ROOT, hidden))) return false;
  const installed = readPackages(hidden);
  if (outOfDate(locked, installed, PLATFORM).length > 0) return false;
  // npm's list says what it did; a folder may have been removed since.
  return Object.keys(installed).every((path) => existsSync(join(ROOT, path)));
}

/** @param {string} file @returns {Packages} */
function readPackages(file) {
  const { packages } = /** @type {{ packages: Packages }} */ (readJson(file));
  return packages;
}

/**
 * @param {readonly string[]} args
 * @param {readonly (readonly [path: string, ...unknown[]])[]} awaited packages that will be there
 * @param {Options} options
 */
async function npmOrFail(args, awaited, { say, signal }) {
  const began = performance.now();
  const timer = setInterval(() => {
    const there = awaited.filter(([path]) => existsSync(join(ROOT, path))).length;
    const state = there < awaited.length ? `${there} of ${awaited.length} packages` : 'compiling';
    say(`  ${Math.round((performance.now() - began) / 1000)} s: ${state}`);
  }, PROGRESS_MS);
  try {
    const { code, output } = await npm(args, { signal, env: { JOBS: 'max' } });
    if (code === 0) return;
    const toolchain = /gyp|prebuild|better.sqlite3/i.test(output) ? missingToolchain() : undefined;
    if (toolchain !== undefined) throw new Failure(toolchain);
    console.error(output.trimEnd());
    throw new Failure(`npm ${args[0] ?? ''} failed: what it says above is why.`);
  } finally {
    clearInterval(timer);
  }
}
