import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the project, whatever folder a script is run from. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
