import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findPostgresPrograms } from '@seguridad-abc/cli';
import { issueEmbeddedToken } from '@seguridad-abc/platform';
import { eventually, temporaryFolder } from '@seguridad-abc/platform/testing';
import { Redis } from 'ioredis';
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
const METRICS_TOKEN = 'metrics'.repeat(5);
const TOKEN_LIFETIME_MS = 3_600_000;
const STATE_TIMEOUT_MS = 60_000;
const MAX_QUERY_OUTPUT = 256 * 1_048_576;

export type InstanceNumber = 1 | 2;
export const getOtherInstance = (number: InstanceNumber): InstanceNumber => (number === 1 ? 2 : 1);

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
  /** Finds the instance of monitoring that leads, or the instance of heartbeat that speaks. Waits until there is one. */
  findElected(service: 'monitoring' | 'heartbeat'): Promise<InstanceNumber>;
  /** Runs a query as superuser and returns its rows, on the server that accepts writes unless another one is named. */
  queryRows<Row>(sql: string, server?: InstanceNumber): Promise<Row[]>;
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
  const command = startCommand('ha', args, {
    env: {
      GATEWAY_PORT: String(port),
      DATA_DIR: folder.path,
      LOG_LEVEL: 'warn',
      HEARTBEAT_INTERVAL_MS: '1000',
      METRICS_TOKEN,
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
    findElected: (service) =>
      eventually(
        () =>
          Promise.any(
            ([1, 2] as const).map(async (instance) => {
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
