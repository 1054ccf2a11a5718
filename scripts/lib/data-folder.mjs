import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure, messageOf } from './failure.mjs';
import { addonFault } from './install/addon.mjs';
import { ROOT } from './root.mjs';

const LOCK_MODULE = join(ROOT, 'packages', 'platform', 'dist', 'lock.js');

/** Makes the folder if there is none, and makes sure that it can be worked in. @param {string} folder */
export function openDataFolder(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Failure(
      `The data folder ${folder} cannot be read and written (${messageOf(error)}): ` +
        'make it accessible, or set DATA_DIR to another.',
    );
  }
}

/** @typedef {() => void} Release gives the folder back; the system does so too with the process, however that ends */

/**
 * Takes the folder for this start.
 *
 * @param {string} folder
 * @returns {Promise<Release>}
 * @throws {Failure} where another start works in it
 */
export async function lockDataFolder(folder) {
  const { href } = pathToFileURL(LOCK_MODULE);
  /** @type {unknown} */
  const built = await import(href);
  const platform = /** @type {Pick<typeof import('@seguridad-abc/platform'), 'lockDataFolder'>} */ (built);
  try {
    return platform.lockDataFolder(folder, 'start');
  } catch (error) {
    if (error instanceof Error && error.name === 'StartError') throw new Failure(error.message);
    throw error;
  }
}

/**
 * The same before anything is installed or built, where an earlier start has built it: a start that will be refused
 * must not change what the running one works with.
 *
 * @param {string} folder
 * @returns {Promise<Release | undefined>} nothing where it cannot be done yet
 */
export async function lockDataFolderEarly(folder) {
  return existsSync(LOCK_MODULE) && addonFault() === undefined ? lockDataFolder(folder) : undefined;
}
