import type { RedisSettings } from '@seguridad-abc/platform/redis';
import { getLocalHostAndPort } from '@seguridad-abc/platform/installation';
import type { CommandContext } from '../../command-line/command-host.js';
import { createOperatorClient, resolveGatewayUrl } from '../../graphql/gateway-client.js';
import { HealthDocument, type HealthQuery } from '../../graphql/generated.js';
import type { GraphQLClient } from '../../graphql/graphql-client.js';
import { describeFetchError, EXIT_CODES, getErrorMessage, isUserFacingError } from '../../shared/errors.js';
import { getInstallationHeaders } from '../../shared/identity.js';
import { SERVICES, type Service } from '../../shared/installation-settings.js';
import { readServiceMetrics, readServiceReadiness } from '../../shared/service-requests.js';
import { findInstallationRedis } from '../../start/redis/local-redis.js';
import { checkRedis } from '../../start/redis/redis-connection.js';
import { parseProcessFigures, type ProcessFigures } from './process-figures.js';

/** The status of an installation, as `--json` prints it. */
export interface InstallationStatus {
  /** Time of the requests. */
  readonly at: string;
  /** URL of its GraphQL endpoint. */
  readonly gateway: string;
  /** As the gateway reports it. Null if health is not known. */
  readonly services: HealthQuery['services'];
  /** Why health is not known. */
  readonly healthFault?: string;
  /** Empty for another installation. */
  readonly processes: readonly ProcessStatus[];
  /** Absent for another installation. */
  readonly redis?: RedisStatus;
}

export interface RedisStatus {
  readonly url: string | null;
  /** Why it cannot be used. */
  readonly fault?: string;
}

/** The status of a process, as `GET /ready` and `GET /metrics` of the service report it. */
export interface ProcessStatus {
  readonly name: string;
  readonly address: string;
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, string | number | boolean>>;
  /** From `GET /metrics`. Absent if they cannot be read. */
  readonly figures?: ProcessFigures;
  /** Why there is no report. */
  readonly fault?: string;
}

/** A healthy service answers within milliseconds. */
const REQUEST_TIMEOUT_MS = 3_000;

/**
 * Collects the status of an installation. For another installation (with `--url`), that is its health only.
 * @param url the value of `--url`
 */
export async function collectInstallationStatus(
  url: string | undefined,
  context: Pick<CommandContext, 'settings'>,
): Promise<InstallationStatus> {
  const { settings } = context;
  const client = createOperatorClient(url, context, { timeoutMs: REQUEST_TIMEOUT_MS });
  const isThisInstallation = client.url.host === resolveGatewayUrl(undefined, settings).host;
  // Taken first: ages are relative to the time of the requests, and a slow one must not change that.
  const at = new Date().toISOString();
  const [health, redis, ...processes] = await Promise.all([
    readHealth(client),
    isThisInstallation ? readRedisStatus(context) : undefined,
    ...(isThisInstallation ? SERVICES : []).map((service) => readProcessStatus(service, context)),
  ]);
  return { at, gateway: client.url.href, ...health, processes, ...(redis && { redis }) };
}

/** The exit code: usage if nothing answers, failure if something is not well. */
export function getStatusExitCode({ services, processes, redis }: InstallationStatus): number {
  if (!services && processes.every(({ fault }) => fault !== undefined)) return EXIT_CODES.usage;
  const isHealthy =
    services?.every(({ status }) => status === 'UP') === true &&
    processes.every(({ ready }) => ready) &&
    redis?.fault === undefined;
  return isHealthy ? EXIT_CODES.success : EXIT_CODES.failure;
}

async function readHealth(
  client: GraphQLClient,
): Promise<Pick<InstallationStatus, 'services' | 'healthFault'>> {
  try {
    const { data, errors } = await client.execute(HealthDocument, {});
    const services = data?.services ?? null;
    if (services) return { services };
    return { services, healthFault: errors?.[0]?.message ?? 'heartbeat does not answer' };
  } catch (error) {
    return { services: null, healthFault: getErrorMessage(error) };
  }
}

/** Asks a service for its checks. It gets the installation secret only after it has answered as that service does. */
export async function readProcessStatus(
  { name, portSetting }: Service,
  { settings }: Pick<CommandContext, 'settings'>,
): Promise<ProcessStatus> {
  const address = getLocalHostAndPort(settings.host, settings.ports[portSetting]);
  const unknown = { name, address, ready: false, checks: {} };
  const origin = `http://${address}`;
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  try {
    if ((await readServiceReadiness(origin, { signal }))?.service !== name) {
      return { ...unknown, fault: 'another program listens there' };
    }
    // Services report their checks to this installation only.
    const headers = getInstallationHeaders(settings);
    const readiness = await readServiceReadiness(origin, { signal, headers });
    if (readiness?.checks === undefined) {
      return { ...unknown, fault: `${name} of another installation listens there` };
    }
    const metrics = await readServiceMetrics(origin, { signal, headers });
    return {
      name,
      address,
      ready: readiness.ready,
      checks: readiness.checks,
      ...(metrics !== undefined && { figures: parseProcessFigures(metrics) }),
    };
  } catch (error) {
    return { ...unknown, fault: describeProcessError(error) };
  }
}

function describeProcessError(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return `no answer within ${REQUEST_TIMEOUT_MS / 1_000} s`;
  }
  // The secret cannot be read, for example.
  if (isUserFacingError(error)) return error.message;
  const description = describeFetchError(error);
  return description === 'ECONNREFUSED' ? 'nothing listens there' : description;
}

async function readRedisStatus({ settings }: Pick<CommandContext, 'settings'>): Promise<RedisStatus> {
  let redis: RedisSettings | undefined;
  try {
    redis = findInstallationRedis(settings);
  } catch (error) {
    // A broken disk must not hide what else is known.
    return {
      url: null,
      fault: `the address of Redis in ${settings.dataDir} cannot be read: ${getErrorMessage(error)}`,
    };
  }
  if (redis === undefined) {
    return { url: null, fault: `REDIS_URL is not set, and npm start has not run with ${settings.dataDir}` };
  }
  return checkRedis(redis, REQUEST_TIMEOUT_MS);
}
