import { once } from 'node:events';
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, messageOf } from '../failure.mjs';
import { withRedis } from './connection.mjs';

/** Loading a large file, or writing it out, it still answers; this long of silence is a hang. */
const SILENCE_MS = 5_000;

/** In the server's folder: the port that it listens on. Written before it is started. */
export const PORT_FILE = 'port';
export const PID_FILE = 'redis.pid';

/**
 * Ends the server that an earlier start, killed itself, may have left working in a folder. It is known by its port and
 * by the folder that it says it works in, so that no other program is ever touched.
 *
 * @param {string} folder
 * @throws {Failure} where it does not answer: two servers in one folder would ruin it
 */
export async function endOrphan(folder, silenceMs = SILENCE_MS) {
  const port = Number(readIfThere(join(folder, PORT_FILE)));
  if (!port) return;
  try {
    await withRedis(`redis://127.0.0.1:${port}`, silenceMs, async (redis) => {
      const [, itsFolder] = /** @type {string[]} */ (await redis.config('GET', 'dir'));
      if (itsFolder !== realpathSync(folder)) return;
      const ended = once(redis, 'close');
      // It answers by closing the connection, once all is on disk.
      redis.shutdown().catch(() => undefined);
      await ended;
    });
  } catch (error) {
    const pid = Number(readIfThere(join(folder, PID_FILE)));
    if (!/timed? ?out/i.test(messageOf(error)) || !isAlive(pid)) return;
    throw new Failure(
      `The Redis that an earlier start left in ${folder} does not answer: end it with kill -9 ${pid} and start again.`,
    );
  }
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** @param {number} pid */
function isAlive(pid) {
  if (!pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
