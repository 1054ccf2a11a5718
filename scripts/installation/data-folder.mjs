import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findSqliteAddonProblem } from '../install/sqlite-addon.mjs';
import { getErrorMessage, UserFacingError } from '../shared/errors.mjs';
import { PROJECT_FOLDER } from '../shared/project-files.mjs';

/** The module with the lock, relative to the sources or the build of the package `platform`. */
export const DATA_FOLDER_LOCK_MODULE = 'data-folder-lock';
const LOCK_FILE = join(PROJECT_FOLDER, 'packages', 'platform', 'dist', `${DATA_FOLDER_LOCK_MODULE}.js`);

/** Creates the data folder if it is missing, and checks its permissions. @param {string} folder */
export function prepareDataFolder(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new UserFacingError(
      `The data folder ${folder} cannot be read and written (${getErrorMessage(error)}): ` +
        'correct its permissions, or set DATA_DIR to another folder.',
    );
  }
}

/**
 * Locks the data folder for this start process. The operating system releases the lock when the process ends.
 *
 * @param {string} folder
 * @returns {Promise<() => void>} releases the lock
 * @throws {UserFacingError} if another start process has locked the folder
 */
export async function lockDataFolder(folder) {
  // Only this module is loaded: the rest of the package may not be installed or may change during the build.
  /** @type {unknown} */
  const loaded = await import(pathToFileURL(LOCK_FILE).href);
  const platform = /** @type {Pick<typeof import('@seguridad-abc/platform'), 'lockDataFolder'>} */ (loaded);
  try {
    return platform.lockDataFolder(folder, 'start');
  } catch (error) {
    throw new UserFacingError(getErrorMessage(error));
  }
}

/**
 * Locks the data folder before anything is installed or built, if an earlier start has built the lock. A start that is
 * going to fail must not change the files of the running installation.
 *
 * @param {string} folder
 * @param {AbortSignal} signal
 * @returns {Promise<(() => void) | undefined>} undefined if the lock is not built yet
 * @throws {UserFacingError} if another start process has locked the folder
 */
export async function lockDataFolderIfLockIsBuilt(folder, signal) {
  const canLock = existsSync(LOCK_FILE) && (await findSqliteAddonProblem(signal)) === undefined;
  return canLock ? lockDataFolder(folder) : undefined;
}
