import { createRequire } from 'node:module';
import { join } from 'node:path';
import { messageOf } from '../failure.mjs';
import { ROOT } from '../root.mjs';

/**
 * Whether better-sqlite3 and its compiled part are there and were made for this Node.
 *
 * @returns {string | undefined} what is wrong
 */
export function addonFault() {
  try {
    const require = createRequire(join(ROOT, 'packages', 'platform', 'package.json'));
    /** @type {unknown} */
    const loaded = require('better-sqlite3');
    const Database = /** @type {typeof import('better-sqlite3')} */ (loaded);
    new Database(':memory:').close();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
