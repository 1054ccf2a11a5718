import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.mjs';

/** @param {string} file in the project @returns {unknown} */
export const readJson = (file) => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
