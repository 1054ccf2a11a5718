import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REDIS_STOPS_AT } from '../services.mjs';
import { untilRedisAnswers } from './answer.mjs';
import { endOrphan, PID_FILE, PORT_FILE } from './orphan.mjs';
import { freeRedisPort } from './port.mjs';

/** Loading what was kept takes as long as it takes; a server that fails ends, and that is seen. */
const PATIENCE_MS = 600_000;

/** In the data folder. */
export const REDIS_FOLDER = 'redis';

/**
 * A Redis of this installation's own: on loopback, its files in a folder of the data folder. It keeps its port when it
 * is started again, so that the services find it.
 *
 * @param {string} command the program
 * @param {string} dataDir
 * @returns {Promise<{ url: string, program: import('../supervise/program.mjs').Program }>}
 * @throws {import('../failure.mjs').Failure}
 */
export async function ownRedis(command, dataDir) {
  const folder = join(dataDir, REDIS_FOLDER);
  mkdirSync(folder, { recursive: true });
  await endOrphan(folder);
  const port = await freeRedisPort();
  writeFileSync(join(folder, PORT_FILE), String(port));
  const url = `redis://127.0.0.1:${port}`;
  const options = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    pidfile: join(folder, PID_FILE),
    appendonly: 'yes',
    save: '',
    loglevel: 'warning',
  };
  return {
    url,
    program: {
      name: 'redis',
      quiet: true,
      command,
      args: Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
      whyNotStarted: (said) =>
        `The Redis of ${folder} cannot start (${said.split('\n').at(-1) ?? ''}): mend that, or remove the folder, ` +
        'since what it holds is made anew.',
      stopsAt: REDIS_STOPS_AT,
      untilReady: (_child, signal) => untilRedisAnswers(url, { patienceMs: PATIENCE_MS, signal }),
    },
  };
}
