import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  canInstallPackages,
  createAptInstaller,
  ensureProgram,
  findOnPath,
  runCommand,
  UserFacingError,
} from '@seguridad-abc/cli';
import { PROJECT_FOLDER } from '../bootstrap/project.mjs';

const PROGRAM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const ALTERNATIVE = 'set CHROMIUM to the path of Chromium or Chrome';

/** Resolves the tests' dependencies. It is only called after they are installed. */
const requireFromTests = createRequire(join(PROJECT_FOLDER, 'tests', 'package.json'));

/**
 * Finds the browser of the tests: the one that CHROMIUM names, one on the PATH, or one that Playwright has installed.
 *
 * @returns {string | undefined} its path
 * @throws {UserFacingError} if the path in CHROMIUM does not exist
 */
export function findChromium() {
  const configured = process.env['CHROMIUM'];
  if (configured) {
    if (existsSync(configured)) return configured;
    throw new UserFacingError(`CHROMIUM is ${configured}, which does not exist: correct or unset it.`);
  }
  return findOnPath(PROGRAM_NAMES) ?? findPlaywrightChromium();
}

/**
 * Finds the browser of the tests, and installs one if it is missing and this process may do so.
 *
 * @param {{ log: (line: string) => void, signal: AbortSignal }} options
 * @returns {Promise<string>} its path
 * @throws {UserFacingError} with the command that installs it
 */
export const ensureChromium = (options) =>
  ensureProgram({
    find: findChromium,
    installer: hasAptPackage() ? createAptInstaller(['chromium']) : createPlaywrightInstaller(),
    missing: `There is no Chromium on this machine: run ${
      hasAptPackage()
        ? '"sudo apt-get install -y chromium"'
        : '"npx playwright-core install --with-deps chromium"'
    }, or ${ALTERNATIVE}.`,
    ...options,
  });

/** Ubuntu's package only installs a snap, which does not run in containers. */
const hasAptPackage = () => findOnPath(['apt-get']) !== undefined && !isUbuntu();

const isUbuntu = () =>
  existsSync('/etc/os-release') && /^ID(_LIKE)?=.*ubuntu/m.test(readFileSync('/etc/os-release', 'utf8'));

/** @returns {string | undefined} */
function findPlaywrightChromium() {
  try {
    /** @type {unknown} */
    const playwright = requireFromTests('playwright-core');
    const { chromium } = /** @type {typeof import('playwright-core')} */ (playwright);
    const file = chromium.executablePath();
    return existsSync(file) ? file : undefined;
  } catch {
    // Playwright throws on a system that it does not support.
    return undefined;
  }
}

/**
 * Creates an installer that downloads Playwright's browser, and installs its libraries with apt-get.
 *
 * @returns {import('@seguridad-abc/cli').ProgramInstaller | undefined}
 */
function createPlaywrightInstaller() {
  if (!canInstallPackages()) return undefined;
  const cli = join(dirname(requireFromTests.resolve('playwright-core/package.json')), 'cli.js');
  return {
    description: 'Chromium with Playwright',
    async install(signal) {
      const args = [cli, 'install', '--with-deps', 'chromium'];
      const { code, output } = await runCommand(process.execPath, args, { signal });
      if (code === 0) return;
      console.error(output.trimEnd());
      throw new UserFacingError(
        `Playwright could not install Chromium: correct the errors above, or ${ALTERNATIVE}.`,
      );
    },
  };
}
