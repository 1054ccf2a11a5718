import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the project's folder, whatever the current folder is. */
export const PROJECT_FOLDER = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Reads and parses a JSON file of the project.
 *
 * @param {string} file path relative to the project's folder
 * @returns {unknown}
 */
export const readProjectJson = (file) => JSON.parse(readFileSync(join(PROJECT_FOLDER, file), 'utf8'));
