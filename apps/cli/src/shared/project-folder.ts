import { fileURLToPath } from 'node:url';

/** Absolute path of the project's folder, whatever the current folder is. Sources and build have the same depth. */
export const PROJECT_FOLDER = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/[/\\]$/, '');
