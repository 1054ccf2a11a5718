import { MISSING_REDIS, REDIS_PROGRAMS } from '../../shared/bootstrap.js';
import { findOnPath } from '../programs/find-on-path.js';
import { createAptInstaller, ensureProgram, type InstallOptions } from '../programs/program-installer.js';

/** Finds the Redis or Valkey server. */
export const findRedisProgram = (): string | undefined => findOnPath(REDIS_PROGRAMS);

/**
 * Finds the Redis or Valkey server, and installs one if it is missing and this process may do so.
 * @returns its path
 * @throws UserFacingError with the command that installs it
 */
export const ensureRedisProgram = (options: InstallOptions): Promise<string> =>
  ensureProgram({
    find: findRedisProgram,
    installer: createAptInstaller(['redis-server']),
    missing: MISSING_REDIS,
    ...options,
  });
