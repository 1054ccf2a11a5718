import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDefaultSettings } from '../../shared/default-settings.js';
import { findFreeServicePorts } from '../../shared/free-ports.js';
import { createAuthorizer, OPERATOR_ACTOR, type Authorize } from '../../shared/identity.js';
import { SERVICES, type ServiceName } from '../../shared/installation-settings.js';
import { prepareLocalRedis } from '../redis/local-redis.js';
import type { Program } from '../supervise/child-process.js';
import { createServiceProgram } from '../supervise/service-program.js';
import { startProgram, type RunningProgram } from '../supervise/running-program.js';
import { stopInOrder } from '../supervise/supervisor.js';

const HOST = '127.0.0.1';
const IDENTITY = { required: true, issuer: undefined, secret: undefined, token: undefined };

/** Services with temporary data, which `close` removes. */
export interface TemporaryPlatform {
  /** The gateway's GraphQL endpoint. */
  readonly url: URL;
  /** As an operator. */
  readonly authorize: Authorize;
  readonly redisUrl: string;
  /** The data folder: a process that can read it can issue tokens. */
  readonly dataDir: string;
  /** The id of the process of a running service. */
  getProcessId(name: ServiceName): number;
  /** Starts a service that does not run; resolves when it is ready. */
  start(name: ServiceName): Promise<void>;
  /** Ends a service with SIGKILL; resolves when it has ended. */
  kill(name: ServiceName): Promise<void>;
  /** Stops all programs in order, and removes the data. */
  close(): Promise<void>;
}

export interface TemporaryPlatformOptions {
  /** Path of the Redis server. */
  readonly redisProgram: string;
  /** All by default. */
  readonly services?: readonly string[];
  /** For all services. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Writes the services' output to stderr. */
  readonly show?: boolean;
  /** Aborts the start and stops what has started. */
  readonly signal: AbortSignal;
}

/**
 * Starts built services with a Redis, a temporary data folder and free ports. Services that end are not restarted.
 * @throws UserFacingError if a program does not start
 */
export async function startTemporaryPlatform({
  redisProgram,
  services,
  settings = {},
  show = false,
  signal,
}: TemporaryPlatformOptions): Promise<TemporaryPlatform> {
  const folder = mkdtempSync(join(tmpdir(), 'seguridad-abc-'));
  const ports = await findFreeServicePorts();
  const running = new Map<string, RunningProgram>();
  const close = async () => {
    await stopInOrder([...running.values()]);
    rmSync(folder, { recursive: true, force: true });
  };
  const run = async (program: Program) =>
    void running.set(program.name, await startProgram(program, { signal, show }));

  try {
    const redis = await prepareLocalRedis(redisProgram, folder);
    await run(redis.program);
    const env = {
      ...createEmptySettings(),
      ...ports,
      HOST,
      DATA_DIR: folder,
      REDIS_URL: redis.url,
      LOG_LEVEL: 'warn',
      ...settings,
    };
    const start = async (name: string) => {
      const service = SERVICES.find((known) => known.name === name);
      if (!service) throw new Error(`There is no service ${name}.`);
      await run(createServiceProgram(service, { host: HOST, ports }, env));
    };
    const starts = await Promise.allSettled((services ?? SERVICES.map(({ name }) => name)).map(start));
    for (const result of starts) if (result.status === 'rejected') throw result.reason;
    return {
      url: new URL(`http://${HOST}:${ports.GATEWAY_PORT}/graphql`),
      authorize: createAuthorizer({ dataDir: folder, identity: IDENTITY }, OPERATOR_ACTOR),
      redisUrl: redis.url,
      dataDir: folder,
      getProcessId(name) {
        const processId = running.get(name)?.processId;
        if (processId === undefined) throw new Error(`${name} does not run.`);
        return processId;
      },
      start,
      async kill(name) {
        running.get(name)?.signal('SIGKILL');
        await running.get(name)?.ended;
        running.delete(name);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Creates an environment in which every setting is empty, which counts as absent. Neither our environment nor the file `.env`
 * changes the services then.
 */
export const createEmptySettings = (): Record<string, string> =>
  Object.fromEntries(Object.keys(readDefaultSettings()).map((name) => [name, '']));
