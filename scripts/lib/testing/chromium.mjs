import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { onPath, run } from '../command.mjs';
import { Failure } from '../failure.mjs';
import { aptGet, aptInstaller, isRoot } from '../install/apt.mjs';
import { ensureProgram } from '../install/program.mjs';
import { ROOT } from '../root.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const OTHERWISE = 'set CHROMIUM to the program of a Chromium or Chrome';

/** Not before it is asked for: it needs what is installed by then. */
const requireOfTests = createRequire(join(ROOT, 'tests', 'package.json'));

/**
 * The browser of the tests: the one that CHROMIUM names, one on the PATH, or one that Playwright has downloaded.
 *
 * @returns {string | undefined}
 * @throws {Failure} where CHROMIUM names none
 */
export function findChromium() {
  const given = process.env['CHROMIUM'];
  if (given) {
    if (existsSync(given)) return given;
    throw new Failure(`CHROMIUM is ${given}, where there is no program: correct it or unset it.`);
  }
  return onPath(NAMES) ?? playwrightsOwn();
}

/**
 * Where there is no browser and it may, it installs one.
 *
 * @param {{ say: (line: string) => void, signal: AbortSignal }} options
 * @returns {Promise<string>}
 * @throws {Failure} that says which one command gets it
 */
export const ensureChromium = (options) =>
  ensureProgram({
    what: 'Chromium',
    find: findChromium,
    installer: hasPackage() ? aptInstaller('chromium', OTHERWISE) : playwrightInstaller(),
    command: hasPackage()
      ? '"sudo apt-get install -y chromium"'
      : '"npx playwright-core install --with-deps chromium"',
    otherwise: OTHERWISE,
    ...options,
  });

/** Ubuntu has it as a snap only, which a container cannot run. */
const hasPackage = () => aptGet() !== undefined && !isUbuntu();

const isUbuntu = () =>
  existsSync('/etc/os-release') && /^ID(_LIKE)?=.*ubuntu/m.test(readFileSync('/etc/os-release', 'utf8'));

/** @returns {string | undefined} */
function playwrightsOwn() {
  try {
    /** @type {unknown} */
    const playwright = requireOfTests('playwright-core');
    const { chromium } = /** @type {typeof import('playwright-core')} */ (playwright);
    const file = chromium.executablePath();
    return existsSync(file) ? file : undefined;
  } catch {
    // It throws on a system for which it has none.
    return undefined;
  }
}

/** It brings a browser, and with apt-get what that needs. @returns {import('../install/program.mjs').Installer | undefined} */
function playwrightInstaller() {
  if (aptGet() === undefined || !isRoot()) return undefined;
  const cli = join(dirname(requireOfTests.resolve('playwright-core/package.json')), 'cli.js');
  return {
    says: "Playwright's Chromium",
    async install(signal) {
      const args = [cli, 'install', '--with-deps', 'chromium'];
      const { code, output } = await run(process.execPath, args, { signal });
      if (code === 0) return;
      console.error(output.trimEnd());
      throw new Failure(`Chromium cannot be installed: what Playwright says above is why; or ${OTHERWISE}.`);
    },
  };
}
