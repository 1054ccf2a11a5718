import { once } from 'node:events';
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getErrorCode, getErrorMessage, UserFacingError } from '../../shared/errors.js';
import { findFreePort } from '../../shared/free-ports.js';
import { REDIS_STOP_ORDER, type InstallationSettings } from '../../shared/installation-settings.js';
import type { Program } from '../supervise/child-process.js';
import { waitForRedis, withRedis } from './redis-connection.js';

/** Folder of the local Redis, in the data folder. */
const REDIS_FOLDER = 'redis';
/** File in that folder with the port of the server. It is written before the server starts. */
const PORT_FILE = 'port';
const PID_FILE = 'redis.pid';

/** Loading a large data set takes long. A server that fails exits, which is noticed separately. */
const START_TIMEOUT_MS = 600_000; // 10 minutes
/** A server that is busy loading or saving still answers; one that is silent for longer hangs. */
const ORPHAN_TIMEOUT_MS = 5_000;

/**
 * Prepares the Redis of an installation: it listens on loopback and keeps its files in the data folder. The program can
 * be restarted and keeps its port, so the services find it again.
 * @param command path of the Redis server
 * @returns its URL, and a program to start
 * @throws UserFacingError if a Redis of an earlier start still runs and hangs
 */
export async function prepareLocalRedis(
  command: string,
  dataDir: string,
): Promise<{ readonly url: string; readonly program: Program }> {
  const folder = join(dataDir, REDIS_FOLDER);
  mkdirSync(folder, { recursive: true });
  await stopOrphanedRedis(folder);
  const port = await findFreePort();
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
      isQuiet: true,
      command,
      args: Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
      describeStartFailure: (output) =>
        `The Redis in ${folder} cannot start (${output.split('\n').at(-1) ?? ''}): correct this, or remove the folder. ` +
        'The services restore its content.',
      stopOrder: REDIS_STOP_ORDER,
      waitUntilReady: (_child, signal) => waitForRedis(url, { timeoutMs: START_TIMEOUT_MS, signal }),
    },
  };
}

/**
 * Stops a Redis that an earlier start process left running when it was killed. The server is identified by its port and
 * by the folder that it reports, so no other program is ever stopped.
 * @param folder of the server
 * @throws UserFacingError if the server hangs: a second one in the same folder would corrupt its files
 */
export async function stopOrphanedRedis(folder: string, timeoutMs = ORPHAN_TIMEOUT_MS): Promise<void> {
  const port = Number(readIfPresent(join(folder, PORT_FILE)));
  if (!port) return;
  try {
    await withRedis(`redis://127.0.0.1:${port}`, timeoutMs, async (redis) => {
      const [, reportedFolder] = (await redis.config('GET', 'dir')) as string[];
      if (reportedFolder !== realpathSync(folder)) return;
      const closed = once(redis, 'close');
      // SHUTDOWN has no reply: the server closes the connection after saving its data.
      redis.shutdown().catch(() => undefined);
      await closed;
    });
  } catch (error) {
    const pid = Number(readIfPresent(join(folder, PID_FILE)));
    if (!/timed? ?out/i.test(getErrorMessage(error)) || !isProcessAlive(pid)) return;
    throw new UserFacingError(
      `A Redis of an earlier start in ${folder} does not answer: stop it with kill -9 ${pid} and start again.`,
    );
  }
}

function readIfPresent(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function isProcessAlive(pid: number): boolean {
  if (!pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Finds the Redis of the installation on this machine: REDIS_URL, or the one that npm start runs.
 * @returns its URL; undefined if REDIS_URL is not set and none was ever started
 */
export function findInstallationRedisUrl({
  redisUrl,
  dataDir,
}: Pick<InstallationSettings, 'redisUrl' | 'dataDir'>): string | undefined {
  if (redisUrl !== undefined) return redisUrl;
  try {
    return `redis://127.0.0.1:${readFileSync(join(dataDir, REDIS_FOLDER, PORT_FILE), 'utf8')}`;
  } catch (error) {
    if (getErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
