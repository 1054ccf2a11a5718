import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { errorMessage, StartError } from './errors.js';

/**
 * Makes sure that one process at a time works in a data folder under a name. SQLite's own file lock does it: the system
 * lifts it with the process, however that ends.
 * @returns what gives the lock back
 * @throws StartError where another process holds it, or the folder cannot be written
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
      throw new StartError(`Another ${name} process already works in the data folder ${folder}.`);
    }
    throw new StartError(`The data folder ${folder} cannot be used: ${errorMessage(error)}.`);
  }
  const held = lock;
  return () => held.close();
}
