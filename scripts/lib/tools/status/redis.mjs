import { messageOf } from '../../failure.mjs';
import { withRedis } from '../../redis/connection.mjs';
import { redisUrlOfInstallation } from '../../redis/url-of-installation.mjs';

/**
 * @param {import('../../settings.mjs').Settings} settings
 * @param {number} timeoutMs
 * @returns {Promise<import('./state.mjs').Redis>}
 */
export async function askRedis(settings, timeoutMs) {
  const url = redisUrlOfInstallation(settings);
  if (url === undefined)
    return { url: null, fault: `REDIS_URL is not set, and ${settings.dataDir} has none` };
  const shown = url.replace(/\/\/[^@/]*@/, '//***@');
  try {
    await withRedis(url, timeoutMs, (redis) => redis.ping());
    return { url: shown };
  } catch (error) {
    return { url: shown, fault: messageOf(error) };
  }
}
