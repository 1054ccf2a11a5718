// What the scripts offer to the command-line app. This file is loaded before the dependencies are installed, so its static
// imports need none.
import { buildServices } from '../install/build-services.mjs';
import { ensureDependencies } from '../install/dependencies.mjs';
import { ensureRedisProgram } from '../install/redis-program.mjs';
import { startInstallation } from '../installation/start-installation.mjs';
import { getErrorMessage } from '../shared/errors.mjs';
import { createAuthorizer, getInstallationHeaders, issueToken } from '../shared/identity.mjs';
import { loadEnvFile, readInstallationSettings } from '../shared/installation-settings.mjs';
import { listenForInterrupts } from '../shared/interrupts.mjs';

/**
 * Installs and builds what is missing.
 *
 * @param {{ log: (line: string) => void, signal: AbortSignal }} options
 * @throws {import('../shared/errors.mjs').UserFacingError}
 */
export async function buildProject(options) {
  await ensureDependencies(options);
  await buildServices(options);
}

/** @type {import('../../apps/cli/src/shared/project-scripts.js').ProjectScripts} */
export const projectScripts = {
  listenForInterrupts,
  loadEnvFile,
  readInstallationSettings,
  issueToken,
  createAuthorizer,
  getInstallationHeaders,
  async prepareProject(options) {
    await ensureDependencies(options);
    const redisProgram = await ensureRedisProgram(options);
    await buildServices(options);
    return redisProgram;
  },
  buildServices,
  startInstallation,
  async startTemporaryPlatform(options) {
    const { startTemporaryPlatform } = await import('../installation/temporary-platform.mjs');
    return startTemporaryPlatform(options);
  },
  async findInstallationRedisUrl(settings) {
    const { findInstallationRedisUrl } = await import('../redis/local-redis.mjs');
    return findInstallationRedisUrl(settings);
  },
  async checkRedis(url, timeoutMs) {
    const { maskRedisPassword, withRedis } = await import('../redis/redis-connection.mjs');
    const maskedUrl = maskRedisPassword(url);
    try {
      await withRedis(url, timeoutMs, (redis) => redis.ping());
      return { url: maskedUrl };
    } catch (error) {
      return { url: maskedUrl, fault: getErrorMessage(error) };
    }
  },
};
