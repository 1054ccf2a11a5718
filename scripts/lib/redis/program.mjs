import { onPath } from '../command.mjs';
import { Failure } from '../failure.mjs';
import { aptGet, installRedisWithApt } from './apt.mjs';

const find = () => onPath(['valkey-server', 'redis-server']);

/**
 * Where the program of a Redis server lies. Where there is none and it may, it installs one.
 *
 * @param {{ say: (line: string) => void, signal: AbortSignal }} options
 * @returns {Promise<string>}
 * @throws {Failure} that says which one command gets it
 */
export async function ensureRedisProgram({ say, signal }) {
  const present = find();
  if (present !== undefined) return present;
  const apt = aptGet();
  if (apt === undefined || process.getuid?.() !== 0) {
    throw new Failure(
      `There is no Redis on this machine: run ${installCommand(apt)}, or set REDIS_URL to one.`,
    );
  }
  say('Installing redis-server with apt-get.');
  await installRedisWithApt(apt, signal);
  const installed = find();
  if (installed === undefined)
    throw new Failure('apt-get installed redis-server, and it is not on the PATH.');
  return installed;
}

/** @param {string | undefined} apt */
function installCommand(apt) {
  if (apt !== undefined) return '"sudo apt-get install -y redis-server"';
  if (onPath(['dnf']) !== undefined) return '"sudo dnf install -y valkey"';
  if (onPath(['apk']) !== undefined) return '"sudo apk add valkey"';
  if (onPath(['pacman']) !== undefined) return '"sudo pacman -S valkey"';
  return '"brew install redis" (macOS), or what installs Redis or Valkey here';
}
