import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findPostgresPrograms } from '@seguridad-abc/cli';
import { issueEmbeddedToken } from '@seguridad-abc/platform';
import { eventually, startFreezingProxy, temporaryFolder } from '@seguridad-abc/platform/testing';
import { Redis } from 'ioredis';
import { expect } from 'vitest';
import { startCommand, stopScripts, type ScriptProcess } from '../harness/script-process.js';
import type { ServiceName } from '../harness/test-platform.js';

/** The distance of the last port of the topology from that of the balancer. */
const LAST_PORT_DISTANCE = 73;
/** Below the ephemeral ports, and above those of other tests. */
const FIRST_PORT = 30_100;
/** The distances of the first ports of services from that of the balancer. */
const SERVICE_DISTANCES = { gateway: 11, monitoring: 21, reports: 31, heartbeat: 41 } as const;
const POSTGRES_DISTANCE = 51;
const REDIS_DISTANCE = 61;
const SENTINEL_DISTANCE = 71;
const INSTANCE_NUMBERS = [1, 2] as const;
const SENTINEL_COUNT = 3;
/** Lets a test put proxies between one instance and what it connects to. */
const PROXY_PRELOAD = new URL('proxied-connections.mjs', import.meta.url);
const METRICS_TOKEN = 'metrics'.repeat(5);
const TOKEN_LIFETIME_MS = 3_600_000;
const STATE_TIMEOUT_MS = 60_000;
const MAX_QUERY_OUTPUT = 256 * 1_048_576;

export type InstanceNumber = 1 | 2;
export const getOtherInstance = (number: InstanceNumber): InstanceNumber => (number === 1 ? 2 : 1);

/** What an instance connects to: all processes of a service, both servers of PostgreSQL, or those of Redis with the Sentinels. */
export type ConnectionTarget = Exclude<ServiceName, 'gateway'> | 'postgres' | 'redis';

/** The connections of one instance, which go through proxies. */
export interface ProxiedInstance {
  /** All packets are lost in both directions, and the connections stay open. The instance goes on running. */
  cut(): void;
  /** What was sent meanwhile arrives, as with TCP. */
  heal(): void;
  /** Ends the proxies: the instance connects directly again. */
  close(): Promise<void>;
}

/** A running `npm run ha`, with what tests need to see and to hurt it. */
export interface RunningTopology {
  readonly command: ScriptProcess;
  /** Of the balancer. */
  readonly origin: string;
  /** The folder of all data folders. */
  readonly dataDir: string;
  /** Header of an operator. */
  readonly authorization: string;
  /** With this header a subgraph answers requests that no gateway has sent. */
  readonly installationHeaders: Readonly<Record<string, string>>;
  readonly getOrigin: (service: ServiceName, instance: InstanceNumber) => string;
  /** The present process of a program, such as `reports-2`. */
  getPid(program: string): number;
  signal(program: string, signal: NodeJS.Signals): void;
  /** Ends a program with SIGKILL; resolves when `npm run ha` has restarted it and it is ready. */
  kill(program: string): Promise<void>;
  /** Resolves when `/ready` of an instance such as `reports-2` succeeds. */
  waitUntilReady(program: string): Promise<void>;
  /** Resolves when `/ready` of an instance such as `reports-2` fails. */
  waitUntilNotReady(program: string): Promise<void>;
  /** Resolves when this instance of monitoring leads, or when this one of heartbeat speaks. */
  waitUntilElected(service: 'monitoring' | 'heartbeat', instance: InstanceNumber): Promise<void>;
  /** Finds the instance of monitoring that leads, or the instance of heartbeat that speaks. Waits until there is one. */
  findElected(service: 'monitoring' | 'heartbeat'): Promise<InstanceNumber>;
  /** Runs a query as superuser and returns its rows, on the server that accepts writes unless another one is named. */
  queryRows<Row>(sql: string, server?: InstanceNumber): Promise<Row[]>;
  /** Puts proxies between an instance, such as `monitoring-1`, and what it connects to. Its open connections are closed first. */
  proxyConnections(program: string, targets: readonly ConnectionTarget[]): Promise<ProxiedInstance>;
  createSentinelClient(): Redis;
  /** Asks a Sentinel for the Redis that is the master. */
  findRedisMaster(): Promise<InstanceNumber>;
  close(): Promise<void>;
}

/** Finds the port of a balancer, of which all ports of the topology are free. */
async function findTopologyPort(): Promise<number> {
  for (let port = FIRST_PORT; ; port += LAST_PORT_DISTANCE + 1) {
    const ports = Array.from({ length: LAST_PORT_DISTANCE + 1 }, (_, distance) => port + distance);
    if ((await Promise.all(ports.map(isPortFree))).every(Boolean)) return port;
  }
}

async function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (isFree) {
    server.close();
    await once(server, 'close');
  }
  return isFree;
}

/** Starts `npm run ha` with two of each service. */
export async function startTopology(args: readonly string[] = []): Promise<RunningTopology> {
  const port = await findTopologyPort();
  const folder = temporaryFolder();
  const dataDir = join(folder.path, 'ha');
  const proxyFolder = join(folder.path, 'proxies');
  mkdirSync(proxyFolder);
  const command = startCommand('ha', args, {
    env: {
      GATEWAY_PORT: String(port),
      DATA_DIR: folder.path,
      LOG_LEVEL: 'warn',
      HEARTBEAT_INTERVAL_MS: '1000',
      METRICS_TOKEN,
      PROXY_FOLDER: proxyFolder,
      NODE_OPTIONS: `--import=${PROXY_PRELOAD.href}`,
    },
  });
  await command.waitForOutput(/Press Ctrl-C to stop/);
  const authorization = `Bearer ${await issueEmbeddedToken(dataDir, { id: 'faults', role: 'operator' }, TOKEN_LIFETIME_MS)}`;
  const secret = readFileSync(join(dataDir, 'installation-secret'), 'utf8').trim();
  const password = readFileSync(join(dataDir, 'postgres', 'password'), 'utf8').trim();
  const psql = join(findPostgresPrograms()?.folder ?? '', 'psql');

  const getOrigin = (service: ServiceName, instance: InstanceNumber) =>
    `http://127.0.0.1:${port + SERVICE_DISTANCES[service] + instance - 1}`;
  const getRestarts = (program: string) =>
    [...command.getOutput().matchAll(new RegExp(`${program} is ready again \\(pid (\\d+)\\)`, 'g'))].map(
      ([, pid]) => Number(pid),
    );
  const getPid = (program: string) =>
    getRestarts(program).at(-1) ??
    Number(new RegExp(`${program} +port \\d+ +pid (\\d+)`).exec(command.getOutput())?.[1]);
  const kill = async (program: string) => {
    const restarts = getRestarts(program).length;
    process.kill(getPid(program), 'SIGKILL');
    await eventually(() => {
      if (getRestarts(program).length === restarts) throw new Error(`${program} was not restarted`);
    }, STATE_TIMEOUT_MS);
  };
  const isElected = async (service: 'monitoring' | 'heartbeat', instance: InstanceNumber) => {
    const response = await fetch(`${getOrigin(service, instance)}/metrics`, {
      headers: { authorization: `Bearer ${METRICS_TOKEN}` },
      signal: AbortSignal.timeout(1_000),
    });
    const metric = service === 'monitoring' ? 'abc_leader' : 'abc_monitor_speaks';
    return new RegExp(`^${metric}(\\{[^}]*\\})? 1$`, 'm').test(await response.text());
  };
  const waitForReadiness = async (program: string, isReady: boolean) => {
    const [service, instance] = program.split('-') as [ServiceName, string];
    const url = `${getOrigin(service, Number(instance) as InstanceNumber)}/ready`;
    await eventually(
      async () => expect((await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok).toBe(isReady),
      STATE_TIMEOUT_MS,
    );
  };
  const runQuery = async (sql: string, server: InstanceNumber) => {
    const { stdout } = await promisify(execFile)(
      psql,
      [
        ...['--no-psqlrc', '--tuples-only', '--no-align', '-v', 'ON_ERROR_STOP=1', '-c', sql],
        `postgresql://postgres:${password}@127.0.0.1:${port + POSTGRES_DISTANCE + server - 1}/seguridad`,
      ],
      { maxBuffer: MAX_QUERY_OUTPUT },
    );
    return stdout.trim();
  };
  const findPrimary = async (): Promise<InstanceNumber> => {
    const isReplica = await runQuery('select pg_is_in_recovery()', 2);
    return isReplica === 't' ? 1 : 2;
  };
  const listPorts = (target: ConnectionTarget): number[] => {
    const getPorts = (distance: number, count: number) =>
      Array.from({ length: count }, (_, index) => port + distance + index);
    switch (target) {
      case 'postgres':
        return getPorts(POSTGRES_DISTANCE, 2);
      case 'redis':
        return [...getPorts(REDIS_DISTANCE, 2), ...getPorts(SENTINEL_DISTANCE, SENTINEL_COUNT)];
      default:
        return getPorts(SERVICE_DISTANCES[target], 2);
    }
  };
  const proxyConnections = async (
    program: string,
    targets: readonly ConnectionTarget[],
  ): Promise<ProxiedInstance> => {
    const proxies = await Promise.all(
      targets.flatMap(listPorts).map(async (target) => [target, await startFreezingProxy(target)] as const),
    );
    const getFile = (extension: string) => join(proxyFolder, `${program}.${extension}`);
    const waitUntilUsed = (text: string) =>
      eventually(() => expect(readFileSync(getFile('done'), 'utf8')).toBe(text), STATE_TIMEOUT_MS);
    const text = proxies.map(([target, proxy]) => `${target}=${proxy.port}`).join(' ');
    writeFileSync(getFile('new'), text);
    renameSync(getFile('new'), getFile('proxies'));
    await waitUntilUsed(text);
    return {
      cut() {
        for (const [, proxy] of proxies) proxy.freeze();
      },
      heal() {
        for (const [, proxy] of proxies) proxy.thaw();
      },
      async close() {
        rmSync(getFile('proxies'));
        await waitUntilUsed('');
        await Promise.all(proxies.map(([, proxy]) => proxy.close()));
      },
    };
  };
  const createSentinelClient = () => {
    const { addresses } = JSON.parse(readFileSync(join(dataDir, 'start.json'), 'utf8')) as {
      addresses: Record<string, string>;
    };
    return new Redis(port + SENTINEL_DISTANCE, '127.0.0.1', {
      password: addresses['REDIS_SENTINEL_PASSWORD'] ?? '',
    });
  };
  return {
    command,
    origin: `http://127.0.0.1:${port}`,
    dataDir,
    authorization,
    installationHeaders: { 'x-installation-secret': secret },
    getOrigin,
    getPid,
    signal: (program, signal) => void process.kill(getPid(program), signal),
    kill,
    waitUntilReady: (program) => waitForReadiness(program, true),
    waitUntilNotReady: (program) => waitForReadiness(program, false),
    waitUntilElected: (service, instance) =>
      eventually(async () => expect(await isElected(service, instance)).toBe(true), STATE_TIMEOUT_MS),
    findElected: (service) =>
      eventually(
        () =>
          Promise.any(
            INSTANCE_NUMBERS.map(async (instance) => {
              if (await isElected(service, instance)) return instance;
              throw new Error(`${service}-${instance} is not elected`);
            }),
          ),
        STATE_TIMEOUT_MS,
      ),
    async queryRows<Row>(sql: string, server?: InstanceNumber) {
      const text = await runQuery(
        `select coalesce(json_agg(found), '[]') from (${sql}) found`,
        server ?? (await findPrimary()),
      );
      return JSON.parse(text) as Row[];
    },
    proxyConnections,
    createSentinelClient,
    async findRedisMaster() {
      const sentinel = createSentinelClient();
      try {
        const address = await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster');
        return Number((address as string[])[1]) === port + REDIS_DISTANCE ? 1 : 2;
      } finally {
        sentinel.disconnect();
      }
    },
    async close() {
      await stopScripts();
      folder.remove();
    },
  };
}
