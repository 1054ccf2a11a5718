import { readFileSync } from 'node:fs';
import { errorMessage, StartError } from '@seguridad-abc/platform';

/** @throws StartError where the file cannot be read */
export function readSupergraphFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new StartError(`The supergraph ${path} cannot be read: ${errorMessage(error)}.`);
  }
}
