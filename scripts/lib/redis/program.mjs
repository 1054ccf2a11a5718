import { onPath } from '../command.mjs';
import { aptGet, aptInstaller } from '../install/apt.mjs';
import { ensureProgram } from '../install/program.mjs';

const OTHERWISE = 'set REDIS_URL to one';

/**
 * Where the program of a Redis server lies. Where there is none and it may, it installs one.
 *
 * @param {{ say: (line: string) => void, signal: AbortSignal }} options
 * @returns {Promise<string>}
 * @throws {Failure} that says which one command gets it
 */
export const ensureRedisProgram = (options) =>
  ensureProgram({
    what: 'Redis',
    find: () => onPath(['valkey-server', 'redis-server']),
    installer: aptInstaller('redis-server', OTHERWISE),
    command: installCommand(aptGet()),
    otherwise: OTHERWISE,
    ...options,
  });

/** @param {string | undefined} apt */
function installCommand(apt) {
  if (apt !== undefined) return '"sudo apt-get install -y redis-server"';
  if (onPath(['dnf']) !== undefined) return '"sudo dnf install -y valkey"';
  if (onPath(['apk']) !== undefined) return '"sudo apk add valkey"';
  if (onPath(['pacman']) !== undefined) return '"sudo pacman -S valkey"';
  return '"brew install redis" (macOS), or what installs Redis or Valkey here';
}
