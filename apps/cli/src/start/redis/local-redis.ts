import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRedisSettings, withRedisConnection, type RedisSettings } from '@seguridad-abc/platform/redis';
import { getErrorCode, getErrorMessage, UserFacingError } from '../../shared/errors.js';
import { findFreePort } from '../../shared/free-ports.js';
import { REDIS_STOP_ORDER, type InstallationSettings } from '../../shared/installation-settings.js';
import type { Program } from '../supervise/child-process.js';
import { formatRedisConfig, writeSecretFile } from './redis-config.js';
import { waitForRedis } from './redis-connection.js';

/** Folder of the local Redis, in the data folder. */
const REDIS_FOLDER = 'redis';
/** File in that folder with the port of the server. It is written before the server starts. */
const PORT_FILE = 'port';
const PID_FILE = 'redis.pid';
/** The server reads its settings, with the password, from this file: other users see the arguments of a process. */
const CONFIG_FILE = 'redis.conf';
/** File with the password, for the services and the commands. */
const PASSWORD_FILE = 'password';
const PASSWORD_BYTES = 32;

/** Loading a large data set takes long. A server that fails exits, which is noticed separately. */
const START_TIMEOUT_MS = 600_000; // 10 minutes
/** A server that is busy loading or saving still answers; one that is silent for longer hangs. */
const ORPHAN_TIMEOUT_MS = 5_000;

/**
 * Prepares the Redis of an installation: it listens on loopback, requires a password and keeps its files in the data
 * folder. The program can be restarted and keeps port and password, so the services find it again. Each start has a new
 * password, unless services of an earlier start are still running.
 * @param command path of the Redis server
 * @param keepsAddress port and password are those of the earlier start
 * @returns its URL, and a program to start
 * @throws UserFacingError if a Redis of an earlier start still runs and hangs
 */
export async function prepareLocalRedis(
  command: string,
  dataDir: string,
  keepsAddress = false,
): Promise<{ readonly url: string; readonly program: Program }> {
  const folder = join(dataDir, REDIS_FOLDER);
  mkdirSync(folder, { recursive: true });
  await stopOrphanedRedis(folder);
  const earlierPort = keepsAddress ? Number(readIfPresent(join(folder, PORT_FILE))) : 0;
  const earlierPassword = keepsAddress ? readIfPresent(join(folder, PASSWORD_FILE)) : '';
  const port = earlierPort || (await findFreePort());
  const password = earlierPassword || randomBytes(PASSWORD_BYTES).toString('base64url');
  const configFile = join(folder, CONFIG_FILE);
  writeFileSync(join(folder, PORT_FILE), String(port));
  writeSecretFile(join(folder, PASSWORD_FILE), password);
  writeSecretFile(
    configFile,
    formatRedisConfig({
      port: String(port),
      bind: '127.0.0.1',
      'protected-mode': 'yes',
      requirepass: password,
      dir: folder,
      pidfile: join(folder, PID_FILE),
      appendonly: 'yes',
      save: '',
      loglevel: 'warning',
    }),
  );
  const url = formatLocalRedisUrl(port, password);
  return {
    url,
    program: {
      name: 'redis',
      isQuiet: true,
      command,
      args: [configFile],
      describeStartFailure: (output) =>
        `The Redis in ${folder} cannot start (${output.split('\n').at(-1) ?? ''}): correct this, or remove the folder. ` +
        'The services restore its content.',
      stopOrder: REDIS_STOP_ORDER,
      waitUntilReady: (_child, signal) => waitForRedis(url, { timeoutMs: START_TIMEOUT_MS, signal }),
    },
  };
}

/** @param password empty for a Redis that an older version of this program has started */
const formatLocalRedisUrl = (port: number | string, password: string): string =>
  `redis://${password === '' ? '' : `:${password}@`}127.0.0.1:${port}`;

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
    const url = formatLocalRedisUrl(port, readIfPresent(join(folder, PASSWORD_FILE)));
    await withRedisConnection(readRedisSettings({ REDIS_URL: url }), timeoutMs, async (redis) => {
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
 * @returns its URL with the password; undefined if REDIS_URL is not set and none was ever started
 */
export function findInstallationRedisUrl({
  redisUrl,
  dataDir,
}: Pick<InstallationSettings, 'redisUrl' | 'dataDir'>): string | undefined {
  if (redisUrl !== undefined) return redisUrl;
  const folder = join(dataDir, REDIS_FOLDER);
  try {
    const port = readFileSync(join(folder, PORT_FILE), 'utf8');
    return formatLocalRedisUrl(port, readIfPresent(join(folder, PASSWORD_FILE)));
  } catch (error) {
    if (getErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Finds the Redis of the installation on this machine, as {@link findInstallationRedisUrl}, with all its settings.
 * @returns undefined if no Redis is set and none was ever started
 * @throws StartError if a setting of Redis is invalid
 */
export function findInstallationRedis(
  settings: Pick<InstallationSettings, 'redisUrl' | 'redisVariables' | 'dataDir'>,
): RedisSettings | undefined {
  const url = findInstallationRedisUrl(settings);
  return url === undefined ? undefined : readRedisSettings({ ...settings.redisVariables, REDIS_URL: url });
}
