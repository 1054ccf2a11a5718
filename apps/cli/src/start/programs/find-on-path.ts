import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Finds a program in the folders of the PATH.
 * @param names alternatives, the preferred one first
 * @returns its path
 */
export const findOnPath = (names: readonly string[], path = process.env['PATH'] ?? ''): string | undefined =>
  names
    .flatMap((name) => path.split(delimiter).flatMap((folder) => (folder === '' ? [] : [join(folder, name)])))
    .find(isExecutable);

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
