// A module for itself: npm start loads it alone, before the package's other dependencies are installed.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { getErrorMessage, StartError } from './errors.js';

/**
 * Takes an exclusive lock on a data folder for one service, as SQLite's lock on the file `<name>.lock`. The operating
 * system releases it when the process ends, even after a crash.
 * @returns a function that releases the lock
 * @throws StartError if another process holds the lock, or the folder is not writable
 */
export function lockDataFolder(folder: string, name: string): () => void {
  let lock: Database.Database | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    lock = new Database(join(folder, `${name}.lock`), { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock?.close();
    if ((error as { code?: string }).code === 'SQLITE_BUSY') {
      throw new StartError(
        `Another ${name} process already works in the data folder ${folder}. Stop it, or set another DATA_DIR.`,
      );
    }
    throw new StartError(
      `The data folder ${folder} cannot be used: ${getErrorMessage(error)}. Make it writable, or set another DATA_DIR.`,
    );
  }
  const heldLock = lock;
  return () => heldLock.close();
}
