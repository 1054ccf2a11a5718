import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../failure.mjs';
import { PORT_FILE } from './orphan.mjs';
import { REDIS_FOLDER } from './own.mjs';

/**
 * The Redis of an installation of this machine: the one that is given, or the one that npm start runs.
 *
 * @param {Pick<import('../settings.mjs').Settings, 'redisUrl' | 'dataDir'>} settings
 * @returns {string | undefined} nothing where none is given and none has been started
 */
export function redisUrlOfInstallation({ redisUrl, dataDir }) {
  if (redisUrl !== undefined) return redisUrl;
  try {
    return `redis://127.0.0.1:${readFileSync(join(dataDir, REDIS_FOLDER, PORT_FILE), 'utf8')}`;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
