import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis, type RedisOptions } from 'ioredis';
import { readRedisSettings, type RedisSettings } from '../redis.js';
import { freePort } from './free-port.js';
import { eventually } from './test-helpers.js';
import type { TestCertificates } from './test-certificates.js';

const MASTER_NAME = 'mymaster';
/** A Sentinel that hears nothing for this time takes the master for dead. */
const DOWN_AFTER_MS = 1_500;
const SENTINEL_COUNT = 3;
const WAIT_MS = 30_000;

/** A `redis-server` that is the master or a replica of it. */
export interface TestRedisNode {
  readonly port: number;
  /** A connection of the default user, which may do everything. */
  readonly admin: Redis;
  start(): Promise<void>;
  /** Kills the process. Its data on disk is kept. */
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
}

/** A master, a replica, and three Sentinels, each a process. */
export interface TestRedisSentinels {
  /** Environment variables with which services find the master. */
  readonly variables: Readonly<Record<string, string>>;
  readonly settings: RedisSettings;
  readonly nodes: readonly TestRedisNode[];
  /** The master of which the Sentinels know. */
  getMaster(): Promise<TestRedisNode>;
  /** The node that is not the given one. */
  getOther(node: TestRedisNode): TestRedisNode;
  /** Resolves when all Sentinels know this node as the master, and the node itself, too. */
  waitForMaster(node: TestRedisNode): Promise<void>;
  /** Resolves when the node is a replica that has everything that its master has. */
  waitForReplica(node: TestRedisNode): Promise<void>;
  /** Asks a Sentinel to make the replica the master. Both nodes run. @returns the new master */
  failOver(): Promise<TestRedisNode>;
  close(): Promise<void>;
}

export interface TestRedisSentinelsOptions {
  /** Lines for the configuration of both nodes, such as `user ...`. */
  readonly nodeConfig?: readonly string[];
  /** Lines for the configuration of the Sentinels. */
  readonly sentinelConfig?: readonly string[];
  /** All connections use TLS. */
  readonly certificates?: TestCertificates;
  /** Further settings of the services. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Starts a master, a replica and three Sentinels; resolves when they know each other. */
export async function startRedisSentinels(
  options: TestRedisSentinelsOptions = {},
): Promise<TestRedisSentinels> {
  const { nodeConfig = [], sentinelConfig = [], certificates } = options;
  const folder = mkdtempSync(join(tmpdir(), 'sentinels-'));
  const tls: RedisOptions = certificates ? { tls: { ca: [certificates.ca] } } : {};
  const closers: (() => Promise<void>)[] = [];

  const startProcess = async (name: string, port: number, lines: readonly string[], isSentinel = false) => {
    const home = join(folder, name);
    mkdirSync(home, { recursive: true });
    const file = join(home, 'redis.conf');
    const config = [
      ...(certificates ? ['port 0', `tls-port ${port}`, ...certificates.serverConfig] : [`port ${port}`]),
      'bind 127.0.0.1',
      `dir ${home}`,
      ...lines,
    ];
    // Redis itself changes the file at a failover.
    if (!existsSync(file)) writeFileSync(file, `${config.join('\n')}\n`);
    const child = spawn('redis-server', [file, ...(isSentinel ? ['--sentinel'] : [])], { stdio: 'ignore' });
    const admin = connect(port);
    // It may be loading its data.
    await eventually(() => admin.ping(), WAIT_MS);
    admin.disconnect();
    return child;
  };
  const connect = (port: number): Redis => {
    const redis = new Redis({
      ...tls,
      port,
      host: '127.0.0.1',
      maxRetriesPerRequest: null,
      retryStrategy: () => 20,
      enableReadyCheck: false,
    });
    redis.on('error', () => undefined);
    return redis;
  };
  const kill = async (child: ChildProcess | undefined) => {
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };

  const createNode = (name: string, port: number, lines: readonly string[]): TestRedisNode => {
    let child: ChildProcess | undefined;
    const admin = connect(port);
    const node: TestRedisNode = {
      port,
      admin,
      async start() {
        child = await startProcess(name, port, [
          'save ""',
          'appendonly yes',
          'appendfsync always',
          // The tests wait for replication, not for its start.
          'repl-diskless-sync-delay 0',
          ...nodeConfig,
          ...lines,
        ]);
      },
      kill: () => kill(child),
      freeze: () => void child?.kill('SIGSTOP'),
      thaw: () => void child?.kill('SIGCONT'),
    };
    closers.push(async () => {
      admin.disconnect();
      await node.kill();
    });
    return node;
  };

  const [firstPort, secondPort] = [await freePort(), await freePort()];
  const first = createNode('first', firstPort, []);
  const second = createNode('second', secondPort, [`replicaof 127.0.0.1 ${firstPort}`]);
  const nodes = [first, second];
  await first.start();
  await second.start();
  const waitForReplica = (node: TestRedisNode) =>
    eventually(async () => {
      const info = await node.admin.info('replication');
      if (!/role:slave[^]*master_link_status:up/.test(info)) throw new Error(`It is no replica: ${info}`);
    }, WAIT_MS);
  await waitForReplica(second);

  const sentinels: Redis[] = [];
  const ports: number[] = [];
  for (let index = 0; index < SENTINEL_COUNT; index++) {
    const port = await freePort();
    const child = await startProcess(
      `sentinel-${index}`,
      port,
      [
        `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${firstPort} 2`,
        `sentinel down-after-milliseconds ${MASTER_NAME} ${DOWN_AFTER_MS}`,
        `sentinel failover-timeout ${MASTER_NAME} 3000`,
        ...sentinelConfig,
      ],
      true,
    );
    ports.push(port);
    const sentinel = connect(port);
    sentinels.push(sentinel);
    closers.push(async () => {
      sentinel.disconnect();
      await kill(child);
    });
    // Without this, a former master that returns is made a replica only after 8 s.
    const periods = ['INFO-PERIOD', '300', 'PUBLISH-PERIOD', '200', 'ELECTION-TIMEOUT', '2000'];
    await sentinel.call('SENTINEL', 'DEBUG', ...periods);
  }
  const readField = async (sentinel: Redis, field: string): Promise<string | undefined> => {
    const fields = (await sentinel.call('SENTINEL', 'MASTER', MASTER_NAME)) as string[];
    return fields[fields.indexOf(field) + 1];
  };
  const readMasterPort = async (sentinel: Redis): Promise<number> =>
    Number(((await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER_NAME)) as string[])[1]);
  await eventually(async () => {
    for (const sentinel of sentinels) {
      const known = [
        await readField(sentinel, 'num-slaves'),
        await readField(sentinel, 'num-other-sentinels'),
      ];
      if (known.join() !== `1,${SENTINEL_COUNT - 1}`) throw new Error(`A Sentinel knows ${known.join()}.`);
    }
  }, WAIT_MS);

  const variables = {
    REDIS_URL: `${certificates ? 'rediss' : 'redis'}://127.0.0.1`,
    REDIS_SENTINELS: ports.map((port) => `127.0.0.1:${port}`).join(),
    ...(certificates && { REDIS_CA_FILE: certificates.caFile }),
    ...options.variables,
  };
  const getOther = (node: TestRedisNode) => (node === first ? second : first);
  const assertMaster = async (node: TestRedisNode) => {
    for (const sentinel of sentinels) {
      const port = await readMasterPort(sentinel);
      if (port !== node.port) throw new Error(`A Sentinel knows ${port} as the master.`);
    }
    const [role] = await node.admin.role();
    if (role !== 'master') throw new Error(`The node is a ${String(role)}.`);
  };
  const waitForMaster = (node: TestRedisNode) => eventually(() => assertMaster(node), WAIT_MS);
  const askSentinel = async <Answer>(ask: (sentinel: Redis) => Promise<Answer>): Promise<Answer> => {
    const [sentinel] = sentinels;
    if (!sentinel) throw new Error('There is no Sentinel.');
    return ask(sentinel);
  };
  const getMaster = async () => ((await askSentinel(readMasterPort)) === first.port ? first : second);
  const settings = readRedisSettings(variables);
  return {
    variables,
    settings,
    nodes,
    getMaster,
    getOther,
    waitForMaster,
    waitForReplica,
    async failOver() {
      const next = getOther(await getMaster());
      await eventually(async () => {
        // A Sentinel refuses while it has not heard of the replica since the last failover, and gives up if the machine is busy.
        if ((await getMaster()) !== next)
          await askSentinel((sentinel) => sentinel.call('SENTINEL', 'FAILOVER', MASTER_NAME));
        await assertMaster(next);
      }, WAIT_MS);
      return next;
    },
    async close() {
      await Promise.all(closers.map((close) => close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
