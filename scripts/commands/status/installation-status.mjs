import { createGraphQLClient, resolveGatewayUrl } from '../../graphql/graphql-client.mjs';
import { findInstallationRedisUrl } from '../../redis/local-redis.mjs';
import { maskRedisPassword, withRedis } from '../../redis/redis-connection.mjs';
import { describeFetchError, EXIT_CODES, getErrorMessage } from '../../shared/errors.mjs';
import { createAuthorizer, getInstallationHeaders, OPERATOR_ACTOR } from '../../shared/identity.mjs';
import { SERVICES, toReachableAddress } from '../../shared/installation-settings.mjs';

/**
 * @typedef {import('../../shared/installation-settings.mjs').InstallationSettings} InstallationSettings
 *
 * @typedef {object} InstallationStatus printed with `--json`
 * @property {string} at time of the requests
 * @property {string} gateway URL of its GraphQL endpoint
 * @property {readonly ServiceHealth[] | null} services null if health is not known
 * @property {string} [healthFault] why health is not known
 * @property {readonly ProcessStatus[]} processes empty for another installation
 * @property {RedisStatus} [redis] absent for another installation
 *
 * @typedef {object} ServiceHealth as the gateway reports it
 * @property {string} name
 * @property {string} status
 * @property {string} reason
 * @property {string} since
 * @property {string | null} lastBeatAt
 * @property {readonly { id: string, status: string, version: string, startedAt: string, lastBeatAt: string }[]} instances
 *
 * @typedef {object} ProcessStatus as `GET /ready` of the service reports it
 * @property {string} name
 * @property {string} address
 * @property {boolean} ready
 * @property {Readonly<Record<string, string | number | boolean>>} checks
 * @property {string} [fault] why there is no report
 *
 * @typedef {{ url: string | null, fault?: string }} RedisStatus `fault`: why it cannot be used
 */

/** A healthy service answers within milliseconds. */
const REQUEST_TIMEOUT_MS = 3_000;

const HEALTH_QUERY = `{
  services { name status reason since lastBeatAt instances { id status version startedAt lastBeatAt } }
}`;

/**
 * Collects the status of an installation. For another installation (with `--url`), that is its health only.
 *
 * @param {URL} url of the gateway's GraphQL endpoint
 * @param {InstallationSettings} settings
 * @returns {Promise<InstallationStatus>}
 */
export async function collectInstallationStatus(url, settings) {
  const authorize = createAuthorizer(settings, OPERATOR_ACTOR);
  // Taken first: ages are relative to the time of the requests, and a slow one must not change that.
  const at = new Date().toISOString();
  const isThisInstallation = url.host === resolveGatewayUrl(undefined, settings).host;
  const [health, redis, ...processes] = await Promise.all([
    readHealth(createGraphQLClient(url, { authorize, timeoutMs: REQUEST_TIMEOUT_MS })),
    isThisInstallation ? checkRedis(settings) : undefined,
    ...(isThisInstallation ? SERVICES : []).map((service) => readProcessStatus(service, settings)),
  ]);
  return { at, gateway: url.href, ...health, processes, ...(redis && { redis }) };
}

/**
 * @param {InstallationStatus} status
 * @returns {number} the exit code: usage if nothing answers, failure if something is not well
 */
export function getStatusExitCode({ services, processes, redis }) {
  if (!services && processes.every(({ fault }) => fault !== undefined)) return EXIT_CODES.usage;
  const isHealthy =
    services?.every(({ status }) => status === 'UP') === true &&
    processes.every(({ ready }) => ready) &&
    redis?.fault === undefined;
  return isHealthy ? EXIT_CODES.success : EXIT_CODES.failure;
}

/**
 * @param {import('../../graphql/graphql-client.mjs').GraphQLClient} client
 * @returns {Promise<Pick<InstallationStatus, 'services' | 'healthFault'>>}
 */
async function readHealth(client) {
  try {
    /** @type {import('../../graphql/graphql-client.mjs').GraphQLResponse<Pick<InstallationStatus, 'services'>>} */
    const { data, errors } = await client.execute(HEALTH_QUERY);
    const services = data?.services ?? null;
    if (services) return { services };
    return { services, healthFault: errors?.[0]?.message ?? 'heartbeat does not answer' };
  } catch (error) {
    return { services: null, healthFault: getErrorMessage(error) };
  }
}

/**
 * @param {import('../../shared/installation-settings.mjs').ServiceInfo} service
 * @param {InstallationSettings} settings
 * @returns {Promise<ProcessStatus>}
 */
async function readProcessStatus({ name, portSetting }, settings) {
  const { host, ports } = settings;
  const address = toReachableAddress(host, ports[portSetting] ?? '');
  const unknown = { name, address, ready: false, checks: {} };
  try {
    const response = await fetch(`http://${address}/ready`, {
      // Services report their checks to this installation only.
      headers: await getInstallationHeaders(settings),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    /** @type {unknown} */
    const body = await response.json();
    const { service, ready, checks } = /** @type {{ service?: string, ready: boolean, checks: {} }} */ (body);
    if (service === name) return { name, address, ready, checks };
    return { ...unknown, fault: 'another program listens there' };
  } catch (error) {
    return { ...unknown, fault: describeProcessError(error) };
  }
}

/** @param {unknown} error */
function describeProcessError(error) {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return `no answer within ${REQUEST_TIMEOUT_MS / 1_000} s`;
  }
  const description = describeFetchError(error);
  return description === 'ECONNREFUSED' ? 'nothing listens there' : description;
}

/** @param {InstallationSettings} settings @returns {Promise<RedisStatus>} */
async function checkRedis(settings) {
  const url = findInstallationRedisUrl(settings);
  if (url === undefined) {
    return { url: null, fault: `REDIS_URL is not set, and npm start has not run with ${settings.dataDir}` };
  }
  const maskedUrl = maskRedisPassword(url);
  try {
    await withRedis(url, REQUEST_TIMEOUT_MS, (redis) => redis.ping());
    return { url: maskedUrl };
  } catch (error) {
    return { url: maskedUrl, fault: getErrorMessage(error) };
  }
}
