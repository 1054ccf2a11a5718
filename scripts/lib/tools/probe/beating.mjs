import { hostname } from 'node:os';
import { loadPlatform } from '../../platform-module.mjs';
import { redisUrlOfInstallation } from '../../redis/url-of-installation.mjs';
import { NotReachable } from '../cli/exit.mjs';

/** The name that it has among the services. */
const SERVICE = 'probe';

/**
 * Beats as a service of the installation, so that its health shows what the probes find.
 *
 * @param {import('../../settings.mjs').Settings} settings
 * @param {() => string | undefined} error what is wrong at the moment, in a clause
 * @returns {Promise<() => Promise<void>>} what says goodbye and ends it
 * @throws {NotReachable} where there is no Redis to beat at
 */
export async function beat(settings, error) {
  const url = redisUrlOfInstallation(settings);
  if (url === undefined) {
    throw new NotReachable(
      'There is no Redis to beat at: run npm start, or set REDIS_URL to that of the installation.',
    );
  }
  const platform = await loadPlatform();
  const { HEARTBEAT_INTERVAL_MS } = platform.commonSettings;
  const { intervalMs } = platform.readSettings(
    { intervalMs: HEARTBEAT_INTERVAL_MS },
    {
      intervalMs: process.env['HEARTBEAT_INTERVAL_MS'],
    },
  );
  // Its log would be among the results; that Redis is away the health shows.
  const pubsub = platform.createPubSub(url, platform.createLogger(SERVICE, 'silent'));
  const goodbye = platform.startHeartbeatSender({
    service: SERVICE,
    instance: `${hostname()}:${process.pid}`,
    intervalMs,
    pubsub,
    condition: () => ({ error: error() }),
  });
  return async () => {
    await goodbye();
    pubsub.close();
  };
}
