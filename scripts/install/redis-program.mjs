import { findOnPath } from '../shared/run-command.mjs';
import { createAptInstaller, ensureProgram, findAptGet } from './program-installer.mjs';

const ALTERNATIVE = 'set REDIS_URL to the URL of a Redis';
export const REDIS_APT_PACKAGE = 'redis-server';

/** @returns {string | undefined} the path of the Redis or Valkey server on the PATH */
export const findRedisProgram = () => findOnPath(['valkey-server', 'redis-server']);

/**
 * Finds the Redis or Valkey server, and installs one if it is missing and this process may do so.
 *
 * @param {{ log: (line: string) => void, signal: AbortSignal }} options
 * @returns {Promise<string>} its path
 * @throws {import('../shared/errors.mjs').UserFacingError} with the command that installs it
 */
export const ensureRedisProgram = (options) =>
  ensureProgram({
    name: 'Redis or Valkey server',
    find: findRedisProgram,
    installer: createAptInstaller([REDIS_APT_PACKAGE], ALTERNATIVE),
    command: getInstallCommand(),
    alternative: ALTERNATIVE,
    ...options,
  });

/** What a user without a Redis or Valkey server does. */
export const describeMissingRedis = () =>
  `There is no Redis or Valkey server on this machine: run ${getInstallCommand()}, or ${ALTERNATIVE}.`;

function getInstallCommand() {
  if (findAptGet() !== undefined) return '"sudo apt-get install -y redis-server"';
  if (findOnPath(['dnf']) !== undefined) return '"sudo dnf install -y valkey"';
  if (findOnPath(['apk']) !== undefined) return '"sudo apk add valkey"';
  if (findOnPath(['pacman']) !== undefined) return '"sudo pacman -S valkey"';
  return '"brew install redis" (macOS), or the command that installs Redis or Valkey on this system';
}
