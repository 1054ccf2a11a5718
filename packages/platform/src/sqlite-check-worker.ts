// The worker thread of `findDatabaseDamageInThread`. It loads little, because it starts often.
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { findDatabaseDamage } from './sqlite-damage.js';

const database = new Database(workerData as string, { readonly: true, fileMustExist: true });
try {
  parentPort?.postMessage(findDatabaseDamage(database));
} finally {
  database.close();
}
