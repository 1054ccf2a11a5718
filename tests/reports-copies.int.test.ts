import { once } from 'node:events';
import { createServer, request as sendRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createGatewayService } from '@seguridad-abc/gateway';
import { readTestGatewayConfig } from '@seguridad-abc/gateway/testing';
import { createMonitoringService, readMonitoringConfig } from '@seguridad-abc/monitoring';
import { createLogger, type Service } from '@seguridad-abc/platform';
import {
  eventually,
  freePort,
  startRedis,
  temporaryFolder,
  type TestRedis,
} from '@seguridad-abc/platform/testing';
import {
  createLogClient,
  createReportsService,
  readReportsConfig,
  verifyReadModel,
} from '@seguridad-abc/reports';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createWebSocketClient, executeOperation } from './harness/graphql-clients.js';

const SECRET = 'a secret of an installation of a test';
const PROJECTOR_TIMING = { blockMs: 100, idleCheckMs: 200, retryMs: 20, maxRetryMs: 100 };

/** Threads take seconds to start on a busy machine. */
const START_TIMEOUT_MS = 40_000;
vi.setConfig({ testTimeout: 90_000 });

const cleanUps: (() => unknown)[] = [];
let redis: TestRedis;
let env: Record<string, string>;
let gatewayUrl: string;
let balancer: Awaited<ReturnType<typeof startBalancer>>;

/** An instance of reports with its own data folder. */
interface ReportsInstance {
  readonly port: number;
  readonly dataDir: string;
  readonly stop: () => Promise<void>;
}

/** Sends requests to instances in turns, as a balancer in front of them does. */
async function startBalancer() {
  const ports: number[] = [];
  const counts = new Map<number, number>();
  let next = 0;
  const server = createServer((request, response) => {
    const port = ports[next++ % ports.length] ?? 0;
    counts.set(port, (counts.get(port) ?? 0) + 1);
    const { method, url, headers } = request;
    const upstream = sendRequest({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    upstream.on('error', () => response.destroy());
    request.pipe(upstream);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    counts,
    setPorts: (...wanted: number[]) => void ports.splice(0, Infinity, ...wanted),
  };
}

const logger = createLogger('test', 'silent');

/** @param port undefined: a free one */
async function startReports(peers: readonly number[], port?: number): Promise<ReportsInstance> {
  const folder = temporaryFolder();
  const usedPort = port ?? (await freePort());
  const config = readReportsConfig({
    ...env,
    DATA_DIR: folder.path,
    REPORTS_PORT: String(usedPort),
    REPORTS_PEERS: peers.map((peer) => `http://127.0.0.1:${peer}`).join(),
  });
  const service = createReportsService(config, {
    logger,
    timing: PROJECTOR_TIMING,
    // With peers, every log is long enough for a snapshot.
    ...(peers.length > 0 && { minBulkEntries: 1 }),
  });
  let isRunning = true;
  const stop = async () => {
    if (isRunning) await service.stop();
    isRunning = false;
    folder.remove();
  };
  cleanUps.push(stop);
  await service.start();
  await eventually(async () => {
    expect((await fetch(`http://127.0.0.1:${usedPort}/ready`)).status).toBe(200);
  }, START_TIMEOUT_MS);
  return { port: usedPort, dataDir: folder.path, stop };
}

beforeAll(async () => {
  redis = await startRedis();
  balancer = await startBalancer();
  const folder = temporaryFolder();
  cleanUps.push(() => folder.remove());
  const [monitoringPort, gatewayPort] = [await freePort(), await freePort()];
  env = {
    AUTH: 'off',
    DATA_DIR: folder.path,
    INSTALLATION_SECRET: SECRET,
    LOG_LEVEL: 'silent',
    MONITORING_PORT: String(monitoringPort),
    REDIS_URL: redis.url,
  };
  const start = async (service: Service) => {
    await service.start();
    cleanUps.push(() => service.stop());
  };
  await start(createMonitoringService(readMonitoringConfig(env)));
  await start(
    createGatewayService(
      readTestGatewayConfig({
        ...env,
        GATEWAY_PORT: String(gatewayPort),
        REPORTS_PORT: String(balancer.port),
        SUPERGRAPH: fileURLToPath(new URL('../supergraph.graphql', import.meta.url)),
      }),
    ),
  );
  gatewayUrl = `http://127.0.0.1:${gatewayPort}/graphql`;
});
afterAll(async () => {
  for (const undo of cleanUps.splice(0).reverse()) await undo();
  await redis.close();
});

const CREATE_RULE = `mutation ($input: CreateRuleInput!) {
  createRule(input: $input) { rule { id alarmCount user { id rules { totalCount } } } } }`;

let ruleCount = 0;
/** Creates a rule, and asks for it with the consistency token of the command. */
async function createAndReadRule(): Promise<string> {
  ruleCount += 1;
  const input = {
    userId: 'ana',
    name: `Rule ${ruleCount}`,
    opening: `Door ${ruleCount}`,
    maxOpenSeconds: 60,
  };
  const created = await executeOperation(gatewayUrl, CREATE_RULE, { input });
  const rule = (created.data as { createRule: { rule: { id: string } } }).createRule.rule;
  // One of the instances of reports has resolved the fields that monitoring does not know.
  expect(rule).toMatchObject({ alarmCount: 0, user: { rules: { totalCount: ruleCount } } });
  const { consistencyToken } = created.extensions ?? {};
  for (const turn of ['one instance', 'the next']) {
    const query = 'query ($id: ID!) { rule(id: $id) { name } rules { totalCount } }';
    const read = await executeOperation(gatewayUrl, query, { id: rule.id }, { consistencyToken });
    const expected = { rule: { name: input.name }, rules: { totalCount: ruleCount } };
    expect({ turn, ...read }).toMatchObject({ turn, data: expected });
    expect(read.extensions ?? {}).not.toHaveProperty('staleness');
  }
  return rule.id;
}

test('clients read their writes and receive each change once, while instances of reports come and go', async () => {
  const first = await startReports([]);
  balancer.setPorts(first.port);
  const received: string[] = [];
  const failures: unknown[] = [];
  const client = createWebSocketClient(gatewayUrl.replace('http', 'ws'));
  cleanUps.push(() => Promise.resolve(client.dispose()).catch(() => undefined));
  const query = 'subscription { ruleChanged(userId: "ana", after: "") { kind rule { id alarmCount } } }';
  let isSubscribed = false;
  client.subscribe<{ ruleChanged: { rule: { id: string } } }>(
    { query },
    {
      next({ data, errors }) {
        isSubscribed = true;
        if (errors) failures.push(errors);
        if (data) received.push(data.ruleChanged.rule.id);
      },
      error: (error) => failures.push(error),
      complete: () => undefined,
    },
  );
  // Before the first change comes a cursor.
  await eventually(() => expect(isSubscribed).toBe(true));
  const created: string[] = [];
  const create = async (count: number) => {
    for (let n = 0; n < count; n += 1) created.push(await createAndReadRule());
  };
  await create(3);

  const second = await startReports([first.port]);
  balancer.setPorts(first.port, second.port);
  await create(3);
  for (const { port } of [first, second]) expect(balancer.counts.get(port)).toBeGreaterThan(2);

  // The first instance is lost with its disk, and another one takes its place.
  balancer.setPorts(second.port);
  await first.stop();
  await create(3);
  const third = await startReports([first.port, second.port]);
  balancer.setPorts(second.port, third.port);
  await create(3);

  await eventually(() => expect(received).toEqual(created));
  expect(failures).toEqual([]);
  const readLogPage = createLogClient(
    `http://127.0.0.1:${env['MONITORING_PORT'] ?? ''}`,
    { 'x-installation-secret': SECRET },
    5_000,
  );
  for (const { dataDir } of [second, third]) {
    const { signal } = new AbortController();
    const report = await verifyReadModel({ dataDir, readLogPage, isRepairing: false, signal, logger });
    expect(report.differences).toEqual([]);
  }
});

test('GET /rule-changes of one instance continues where another one ended', async () => {
  const [one, other] = [await startReports([]), await startReports([])];
  const read = async ({ port }: ReportsInstance, after: number, limit: number) => {
    const url = `http://127.0.0.1:${port}/rule-changes?after=${after}&limit=${limit}`;
    const response = await fetch(url, { headers: { 'x-installation-secret': SECRET } });
    return (await response.json()) as {
      position: number;
      changes: { position: number; rule: { id: string } }[];
    };
  };
  const all = (await read(one, 0, 100)).changes;
  expect(all).toHaveLength(ruleCount);
  expect((await read(other, 0, 100)).changes).toEqual(all);
  const { changes: begin } = await read(one, 0, 5);
  const { changes: end } = await read(other, begin.at(-1)?.position ?? 0, 100);
  expect([...begin, ...end]).toEqual(all);
});
