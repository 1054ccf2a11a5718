import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DEFAULT_REDIS_PREFIX } from '@seguridad-abc/contracts';
import { z } from 'zod';
import { getErrorMessage } from './errors.js';

/** Where a Redis Sentinel answers. */
export interface RedisSentinelAddress {
  readonly host: string;
  readonly port: number;
}

const REDIS_URL_EXAMPLE = 'redis://user:password@127.0.0.1:6379/0';

/** Whether the parts of a URL can be read: a `%` in a password must be written as `%25`. */
function isReadableRedisUrl(text: string): boolean {
  if (text.startsWith('unix://')) return true;
  try {
    const { username, password } = new URL(text);
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

/** A host name or an address, and a port. */
const HOST_AND_PORT = /^(\[[\da-f:.]+\]|[^\s:@/[\]]+):(\d{1,5})$/i;

function parseSentinelAddress(text: string): RedisSentinelAddress | undefined {
  const [, host = '', portText = ''] = HOST_AND_PORT.exec(text) ?? [];
  const port = Number(portText);
  return port >= 1 && port <= 65_535 ? { host: host.replace(/^\[|\]$/g, ''), port } : undefined;
}

/** Path of a PEM file with certificates of authorities. Its value is the content, as a list of one text. Not set by default. */
export const certificateFileSetting = z
  .string()
  .transform((path, context): readonly string[] => {
    try {
      const pem = readFileSync(path, 'utf8');
      // Throws if the first certificate is invalid.
      new X509Certificate(pem).toString();
      return [pem];
    } catch (error) {
      context.addIssue({
        code: 'custom',
        message: `must be a file of certificates in PEM format: ${getErrorMessage(error)}`,
      });
      return z.NEVER;
    }
  })
  .optional();

/** Settings of the Redis of an installation. All its processes have the same, except for the user and the password. */
export const redisSettings = {
  /**
   * URL of the Redis, with the user and the password of an ACL user, and the number of the database. `rediss:` uses TLS. With
   * REDIS_SENTINELS, its host and port are not used.
   */
  REDIS_URL: z
    .string()
    .regex(/^(rediss?|unix):\/\/\S+$/, `must be a URL like ${REDIS_URL_EXAMPLE}`)
    .refine(
      isReadableRedisUrl,
      `must be a URL like ${REDIS_URL_EXAMPLE}, with special characters of the password encoded: %40 for @, %25 for %`,
    )
    .default('redis://127.0.0.1:6379'),
  /** The Sentinels that know the master, with commas between. @default REDIS_URL is the address of the master */
  REDIS_SENTINELS: z
    .string()
    .transform((list, context): readonly RedisSentinelAddress[] =>
      list.split(',').map((entry) => {
        const address = parseSentinelAddress(entry.trim());
        if (address) return address;
        context.addIssue({
          code: 'custom',
          message: 'must be addresses with ports and commas between, like 10.0.0.1:26379,10.0.0.2:26379',
        });
        return z.NEVER;
      }),
    )
    .optional(),
  /** The name under which the Sentinels know the master. */
  REDIS_SENTINEL_NAME: z.string().trim().default('mymaster'),
  /** ACL user of the Sentinels. @default their user `default`, if there is a password */
  REDIS_SENTINEL_USERNAME: z.string().optional(),
  /** Password of the Sentinels. @default they need none */
  REDIS_SENTINEL_PASSWORD: z.string().optional(),
  /** The authorities that sign the certificates of Redis and the Sentinels. No other is trusted. @default those of Node.js */
  REDIS_CA_FILE: certificateFileSetting,
  /** All names of the installation in Redis begin with it. Installations that share a Redis need different ones. */
  REDIS_PREFIX: z
    .string()
    .regex(
      /^[\w.-]{1,60}(:[\w.-]{1,60}){0,3}:$/,
      `must be a word of letters, digits, ".", "_" or "-" with a colon at its end, like ${DEFAULT_REDIS_PREFIX}`,
    )
    .default(DEFAULT_REDIS_PREFIX),
};

/** The validated settings of the Redis of an installation. */
export type RedisSettings = z.infer<z.ZodObject<typeof redisSettings>>;

const CONFLICTS = {
  ca: 'REDIS_CA_FILE is set, but REDIS_URL does not use TLS: begin it with rediss://, or remove REDIS_CA_FILE',
  socket: 'REDIS_URL is a Unix socket, but REDIS_SENTINELS is set: use redis:// or rediss://',
  sentinelUser: 'REDIS_SENTINEL_USERNAME is set, but REDIS_SENTINEL_PASSWORD is not',
  noSentinels: 'REDIS_SENTINEL_USERNAME or REDIS_SENTINEL_PASSWORD is set, but REDIS_SENTINELS is not',
};

/**
 * Finds settings that are valid alone, but not together.
 * @returns one clause per problem; no clause contains a value
 */
export function findRedisSettingConflicts(settings: Partial<RedisSettings>): readonly string[] {
  const { REDIS_URL = '', REDIS_SENTINELS, REDIS_SENTINEL_USERNAME, REDIS_SENTINEL_PASSWORD } = settings;
  const hasSentinelCredentials =
    REDIS_SENTINEL_USERNAME !== undefined || REDIS_SENTINEL_PASSWORD !== undefined;
  return [
    ...(settings.REDIS_CA_FILE !== undefined && !usesTls(REDIS_URL) ? [CONFLICTS.ca] : []),
    ...(REDIS_SENTINELS && REDIS_URL.startsWith('unix:') ? [CONFLICTS.socket] : []),
    ...(REDIS_SENTINEL_USERNAME !== undefined && REDIS_SENTINEL_PASSWORD === undefined
      ? [CONFLICTS.sentinelUser]
      : []),
    ...(hasSentinelCredentials && !REDIS_SENTINELS ? [CONFLICTS.noSentinels] : []),
  ];
}

/** Whether a Redis URL asks for TLS. */
export const usesTls = (redisUrl: string): boolean => redisUrl.startsWith('rediss:');
