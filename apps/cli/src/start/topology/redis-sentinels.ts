import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatRedisConfig, writeSecretFile } from '../redis/redis-config.js';
import { waitForRedis } from '../redis/redis-connection.js';
import type { Program } from '../supervise/child-process.js';

const SENTINEL_NAME = 'mymaster';
/** So many of three Sentinels must agree that the master is gone. */
const QUORUM = 2;
/** A master that is silent for this time is gone, in ms. */
const DOWN_AFTER_MS = 2_000;
const FAILOVER_TIMEOUT_MS = 10_000;
const PASSWORD_BYTES = 32;
const START_TIMEOUT_MS = 60_000;

export interface RedisSentinelOptions {
  /** Path of the Redis or Valkey server. */
  readonly program: string;
  /** Folder of the servers' folders. */
  readonly folder: string;
  /** The first is the master at the start. */
  readonly serverPorts: readonly number[];
  readonly sentinelPorts: readonly number[];
  /** Sentinels stop first: they would promote a replica otherwise. The servers have the next number. */
  readonly stopOrder: number;
  readonly downAfterMs?: number;
}

/** A Redis master with replicas, watched by Sentinels. */
export interface RedisSentinels {
  /** `REDIS_URL`, `REDIS_SENTINELS` and the settings that belong to them. */
  readonly settings: Readonly<Record<string, string>>;
  readonly servers: readonly Program[];
  readonly sentinels: readonly Program[];
  /** URL of each server, the master of the start first. */
  readonly urls: readonly string[];
  readonly sentinelUrls: readonly string[];
}

/**
 * Prepares Redis servers and Sentinels on loopback. Each start has new passwords, and the first server as master: what Redis
 * stores may be lost, see docs/architecture.md.
 */
export function prepareRedisSentinels(options: RedisSentinelOptions): RedisSentinels {
  const { program, folder, serverPorts, sentinelPorts, stopOrder, downAfterMs = DOWN_AFTER_MS } = options;
  const password = randomBytes(PASSWORD_BYTES).toString('base64url');
  const sentinelPassword = randomBytes(PASSWORD_BYTES).toString('base64url');
  const [masterPort = 0] = serverPorts;

  const createProgram = (
    name: string,
    order: number,
    url: string,
    [config, ...flags]: readonly [config: string, ...flags: string[]],
  ): Program => {
    const ownFolder = join(folder, name);
    mkdirSync(ownFolder, { recursive: true });
    const configFile = join(ownFolder, 'redis.conf');
    // Sentinels change their file, so each start writes it again.
    writeSecretFile(
      configFile,
      formatRedisConfig({ dir: ownFolder, bind: '127.0.0.1', loglevel: 'warning' }) + config,
    );
    return {
      name,
      isQuiet: true,
      command: program,
      args: [configFile, ...flags],
      stopOrder: order,
      waitUntilReady: (_child, signal) => waitForRedis(url, { timeoutMs: START_TIMEOUT_MS, signal }),
    };
  };

  const urls = serverPorts.map((port) => `redis://:${password}@127.0.0.1:${port}`);
  const sentinelUrls = sentinelPorts.map((port) => `redis://:${sentinelPassword}@127.0.0.1:${port}`);
  const servers = serverPorts.map((port, index) =>
    createProgram(`redis-${index + 1}`, stopOrder + 1, urls[index] ?? '', [
      formatRedisConfig({
        port: String(port),
        requirepass: password,
        masterauth: password,
        appendonly: 'yes',
        save: '',
      }) + (index > 0 ? `replicaof 127.0.0.1 ${masterPort}\n` : ''),
    ]),
  );
  const sentinels = sentinelPorts.map((port, index) =>
    createProgram(`sentinel-${index + 1}`, stopOrder, sentinelUrls[index] ?? '', [
      [
        formatRedisConfig({ port: String(port), requirepass: sentinelPassword }),
        `sentinel sentinel-pass ${sentinelPassword}\n`,
        `sentinel monitor ${SENTINEL_NAME} 127.0.0.1 ${masterPort} ${QUORUM}\n`,
        `sentinel auth-pass ${SENTINEL_NAME} ${password}\n`,
        `sentinel down-after-milliseconds ${SENTINEL_NAME} ${downAfterMs}\n`,
        `sentinel failover-timeout ${SENTINEL_NAME} ${FAILOVER_TIMEOUT_MS}\n`,
      ].join(''),
      '--sentinel',
    ]),
  );
  return {
    settings: {
      REDIS_URL: urls[0] ?? '',
      REDIS_SENTINELS: sentinelPorts.map((port) => `127.0.0.1:${port}`).join(','),
      REDIS_SENTINEL_NAME: SENTINEL_NAME,
      REDIS_SENTINEL_PASSWORD: sentinelPassword,
    },
    servers,
    sentinels,
    urls,
    sentinelUrls,
  };
}
