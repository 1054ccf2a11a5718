import { startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeProcess, type FakeProcess } from './testing/fake-process.js';
import { STARTED_AT } from './testing/heartbeat-message.js';
import {
  collectReports,
  findService,
  type ReportCollector,
  type RunningHeartbeat,
  SHORT_INTERVAL_MS,
  startHeartbeat,
} from './testing/running-heartbeat.js';

const INSTANT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown;

let redis: TestRedis;
let heartbeat: RunningHeartbeat;
let fakeProcess: FakeProcess;
let reports: ReportCollector;
const statements: string[] = [];

beforeAll(async () => {
  redis = await startRedis();
  reports = await collectReports(redis.url);
  heartbeat = await startHeartbeat(redis.url, { onStatement: (statement) => statements.push(statement) });
  fakeProcess = createFakeProcess(redis.url, { intervalMs: SHORT_INTERVAL_MS });
  fakeProcess.start();
  await Promise.all([reports.waitForStatus('reports', 'UP'), reports.waitForStatus('heartbeat', 'UP')]);
});
afterAll(async () => {
  fakeProcess.close();
  reports.close();
  await heartbeat.service.stop();
  await redis.close();
});

describe('GraphQL queries', () => {
  it('return every service, sorted by name', async () => {
    const answer = await heartbeat.query(
      '{ services { name status reason since lastBeatAt instances { id status version startedAt lastBeatAt } } }',
    );
    expect(answer).toStrictEqual({
      data: {
        services: [
          expect.objectContaining({ name: 'heartbeat', status: 'UP' }),
          {
            name: 'reports',
            status: 'UP',
            reason: 'sends heartbeats as expected, every 500 ms',
            since: INSTANT,
            lastBeatAt: INSTANT,
            instances: [
              { id: 'host:4002', status: 'UP', version: '0.1.0', startedAt: STARTED_AT, lastBeatAt: INSTANT },
            ],
          },
        ],
      },
    });
  });

  it('return one service by name, and null for an unknown name', async () => {
    expect(
      await heartbeat.query('{ a: service(name: "reports") { name } b: service(name: "unlisted") { name } }'),
    ).toStrictEqual({
      data: { a: { name: 'reports' }, b: null },
    });
  });

  it('resolve entities, with null for an unknown name', async () => {
    const answer = await heartbeat.query(
      'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on ServiceHealth { name status } } }',
      {
        representations: ['reports', 'unlisted', 'heartbeat'].map((name) => ({
          __typename: 'ServiceHealth',
          name,
        })),
      },
    );
    expect(answer).toStrictEqual({
      data: { _entities: [{ name: 'reports', status: 'UP' }, null, { name: 'heartbeat', status: 'UP' }] },
    });
  });
});

describe('the health history', () => {
  const SELECTION = '{ name uptime(window: HOUR) day: uptime transitions(first: 5) { from to at reason } }';
  const UP = {
    uptime: 1,
    day: 1,
    transitions: [
      expect.objectContaining({
        from: 'UNKNOWN',
        to: 'UP',
        at: INSTANT,
        reason: 'sends heartbeats as expected, every 500 ms',
      }),
    ] as unknown[],
  };

  it('is returned for all services', async () => {
    expect(await heartbeat.query(`{ services ${SELECTION} }`)).toStrictEqual({
      data: {
        services: [
          { name: 'heartbeat', ...UP },
          { name: 'reports', ...UP },
        ],
      },
    });
  });

  it('is returned for entities with one SQL statement for each different query', async () => {
    statements.length = 0;
    const answer = await heartbeat.query(
      `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on ServiceHealth ${SELECTION} } }`,
      { representations: ['reports', 'heartbeat'].map((name) => ({ __typename: 'ServiceHealth', name })) },
    );
    expect(answer).toStrictEqual({
      data: {
        _entities: [
          { name: 'reports', ...UP },
          { name: 'heartbeat', ...UP },
        ],
      },
    });
    expect(statements.filter((statement) => statement.startsWith('select'))).toHaveLength(3);
  });

  it.each([0, -1, 201])('is rejected with first: %d', async (first) => {
    const answer = await heartbeat.query(
      `{ service(name: "reports") { transitions(first: ${first}) { at } } }`,
    );
    expect(answer).toMatchObject({
      errors: [
        {
          message: `first must be from 1 to 200; it is ${first}.`,
          extensions: { code: 'BAD_USER_INPUT', faults: [{ path: ['first'], code: 'OUT_OF_RANGE' }] },
        },
      ],
    });
  });
});

describe('GET /report', () => {
  it('returns the statuses of the published report with the same sequence', async () => {
    const fetched = await heartbeat.fetchReport();
    const published = await reports.waitFor(({ sequence }) => sequence === fetched.sequence);
    expect(fetched.run).toBe(published.run);
    expect(fetched.at >= published.at).toBe(true);
    const getStablePart = ({ services }: typeof fetched) =>
      services.map(({ name, status, since, instances }) => ({
        name,
        status,
        since,
        instances: instances.map(({ id, startedAt }) => ({ id, startedAt })),
      }));
    expect(getStablePart(fetched)).toStrictEqual(getStablePart(published));
    const next = await reports.waitFor(({ sequence }) => sequence === fetched.sequence + 1);
    expect(next.at >= fetched.at).toBe(true);
  });

  it('contains current figures', async () => {
    fakeProcess.kill();
    await reports.waitForStatus('reports', 'DOWN');
    const fetchSilence = async () => {
      const reason = findService(await heartbeat.fetchReport(), 'reports')!.reason;
      return Number(/^no heartbeat for (\d+\.\d) s/.exec(reason)![1]);
    };
    const first = await fetchSilence();
    await expect.poll(fetchSilence).toBeGreaterThan(first);
  });
});

describe('GET /ready', () => {
  it('reports whether heartbeats can be received', async () => {
    expect(await (await fetch(`${heartbeat.url}/ready`)).json()).toMatchObject({
      service: 'heartbeat',
      ready: true,
      checks: { redis: 'ready', sees: true, storage: 'ok' },
    });
  });
});
