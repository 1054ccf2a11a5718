import type { RedisOptions } from 'ioredis';
import { describeCertificateError } from './certificate-errors.js';
import { getErrorCode, getErrorMessage } from './errors.js';
import { QuietSentinelConnector } from './redis-sentinel-connector.js';
import { usesTls, type RedisSettings } from './redis-settings.js';

/** A Sentinel must answer within this time. */
const SENTINEL_TIMEOUT_MS = 1_000;
/** How often a connection to a Sentinel that announces failovers is opened again. */
const SENTINEL_RECONNECT_MS = 2_000;

/** A `RedisOptions` and the URL that it completes, for `new Redis(url, options)`. */
export interface RedisClientOptions {
  readonly url: string;
  readonly options: RedisOptions;
}

/**
 * Translates settings into the arguments of ioredis. With Sentinels, each connection asks them for the master, checks that the
 * answer is one, and is replaced when a Sentinel announces another master.
 */
export function createRedisClientOptions(settings: RedisSettings): RedisClientOptions {
  const { REDIS_URL, REDIS_SENTINELS, REDIS_CA_FILE } = settings;
  const tls = usesTls(REDIS_URL)
    ? { ...(REDIS_CA_FILE !== undefined && { ca: [...REDIS_CA_FILE] }) }
    : undefined;
  return {
    // ioredis would ignore `tls` beside a URL with rediss, and expects the bare path of a socket.
    url: REDIS_URL.replace(/^rediss:/, 'redis:').replace(/^unix:\/\//, ''),
    options: {
      ...(tls && { tls }),
      reconnectOnError: isReplicaError,
      // ACL users would need another command for it.
      disableClientInfo: true,
      ...(REDIS_SENTINELS && {
        Connector: QuietSentinelConnector,
        sentinels: [...REDIS_SENTINELS],
        name: settings.REDIS_SENTINEL_NAME,
        ...(settings.REDIS_SENTINEL_USERNAME !== undefined && {
          sentinelUsername: settings.REDIS_SENTINEL_USERNAME,
        }),
        ...(settings.REDIS_SENTINEL_PASSWORD !== undefined && {
          sentinelPassword: settings.REDIS_SENTINEL_PASSWORD,
        }),
        ...(tls && { sentinelTLS: tls, enableTLSForSentinelMode: true }),
        sentinelCommandTimeout: SENTINEL_TIMEOUT_MS,
        sentinelReconnectStrategy: () => SENTINEL_RECONNECT_MS,
        failoverDetector: true,
        // REDIS_SENTINELS lists all of them. The addresses that they have of each other may be out of reach from here.
        updateSentinels: false,
      }),
    },
  };
}

/**
 * Whether an error reply shows that the server is a replica, or has just become one. The connection is then replaced, and the command
 * fails: its caller decides whether it is still wanted.
 */
export const isReplicaError = (error: Error): boolean =>
  /\bREADONLY\b|^UNBLOCKED|^MASTERDOWN/.test(error.message);

/** Where Redis is, for messages: without user and password. */
export const describeRedisAddress = ({
  REDIS_URL,
  REDIS_SENTINELS,
  REDIS_SENTINEL_NAME,
}: RedisSettings): string =>
  REDIS_SENTINELS
    ? `the master ${REDIS_SENTINEL_NAME} of the Sentinels ${REDIS_SENTINELS.map(({ host, port }) => `${host}:${port}`).join(', ')}`
    : REDIS_URL.replace(/\/\/.*@/, '//***@');

/** Says why a connection to Redis or a Sentinel failed, and which setting may be wrong. */
export function describeRedisError(error: unknown): string {
  const code = getErrorCode(error) ?? '';
  const message = getErrorMessage(error);
  const certificateProblem = describeCertificateError(error, 'REDIS_CA_FILE');
  if (certificateProblem !== undefined) return certificateProblem;
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG')
    return 'the port does not use TLS: begin REDIS_URL with redis://, or use the TLS port';
  if (/^(WRONGPASS|NOAUTH)/.test(message)) return `the user or the password is wrong (${message})`;
  return message;
}
