import { describeMissingRedis, findRedisProgram } from '../../shared/bootstrap.js';
import { createAptInstaller, ensureProgram, type InstallOptions } from '../programs/program-installer.js';

/**
 * Finds the Redis or Valkey server, and installs one if it is missing and this process may do so.
 * @returns its path
 * @throws UserFacingError with the command that installs it
 */
export const ensureRedisProgram = (options: InstallOptions): Promise<string> =>
  ensureProgram({
    find: findRedisProgram,
    installer: createAptInstaller(['redis-server']),
    missing: describeMissingRedis() ?? '',
    ...options,
  });
