// The worker thread of `findDatabaseDamageInThread`. It loads little, because it starts often.
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { findDatabaseDamage, type DatabaseCheckOptions } from './sqlite-damage.js';

const { file, ...options } = workerData as DatabaseCheckOptions & { readonly file: string };
const database = new Database(file, { readonly: true, fileMustExist: true });
try {
  parentPort?.postMessage(findDatabaseDamage(database, options));
} finally {
  database.close();
}
