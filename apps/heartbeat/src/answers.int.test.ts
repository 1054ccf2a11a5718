import { startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STARTED_AT } from './testing/beat.js';
import { collectReports, serviceIn, type Reports } from './testing/reports.js';
import { SHORT_INTERVAL_MS, startHeartbeat, type Running } from './testing/running.js';
import { createSender, type Sender } from './testing/sender.js';

const INSTANT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown;

let redis: TestRedis;
let heartbeat: Running;
let sender: Sender;
let reports: Reports;
const statements: string[] = [];

beforeAll(async () => {
  redis = await startRedis();
  reports = await collectReports(redis.url);
  heartbeat = await startHeartbeat(redis.url, { onStatement: (statement) => statements.push(statement) });
  sender = createSender(redis.url, { intervalMs: SHORT_INTERVAL_MS });
  sender.begin();
  await Promise.all([reports.becomes('reports', 'UP'), reports.becomes('heartbeat', 'UP')]);
});
afterAll(async () => {
  sender.close();
  reports.close();
  await heartbeat.service.stop();
  await redis.close();
});

describe('GraphQL', () => {
  it('answers for every service, by name', async () => {
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
            reason: 'beats as promised, every 500 ms',
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

  it('answers for one service, and null for an unknown one', async () => {
    expect(
      await heartbeat.query('{ a: service(name: "reports") { name } b: service(name: "nobody") { name } }'),
    ).toStrictEqual({
      data: { a: { name: 'reports' }, b: null },
    });
  });

  it('resolves entities, unknown ones to null', async () => {
    const answer = await heartbeat.query(
      'query ($of: [_Any!]!) { _entities(representations: $of) { ... on ServiceHealth { name status } } }',
      { of: ['reports', 'nobody', 'heartbeat'].map((name) => ({ __typename: 'ServiceHealth', name })) },
    );
    expect(answer).toStrictEqual({
      data: { _entities: [{ name: 'reports', status: 'UP' }, null, { name: 'heartbeat', status: 'UP' }] },
    });
  });
});

describe('the history', () => {
  const SELECTION = '{ name uptime(window: HOUR) day: uptime transitions(first: 5) { from to at reason } }';
  const UP = {
    uptime: 1,
    day: 1,
    transitions: [
      expect.objectContaining({
        from: 'UNKNOWN',
        to: 'UP',
        at: INSTANT,
        reason: 'beats as promised, every 500 ms',
      }),
    ] as unknown[],
  };

  it('is answered for all services', async () => {
    expect(await heartbeat.query(`{ services ${SELECTION} }`)).toStrictEqual({
      data: {
        services: [
          { name: 'heartbeat', ...UP },
          { name: 'reports', ...UP },
        ],
      },
    });
  });

  it('is answered for entities, in one statement for each different question', async () => {
    statements.length = 0;
    const answer = await heartbeat.query(
      `query ($of: [_Any!]!) { _entities(representations: $of) { ... on ServiceHealth ${SELECTION} } }`,
      { of: ['reports', 'heartbeat'].map((name) => ({ __typename: 'ServiceHealth', name })) },
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

  it.each([0, -1, 201])('is refused with first: %d', async (first) => {
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
  it('tells what the published report of that sequence told', async () => {
    const told = await heartbeat.report();
    const published = await reports.first(({ sequence }) => sequence === told.sequence);
    expect(told.run).toBe(published.run);
    expect(told.at >= published.at).toBe(true);
    const lasting = ({ services }: typeof told) =>
      services.map(({ name, status, since, instances }) => ({
        name,
        status,
        since,
        instances: instances.map(({ id, startedAt }) => ({ id, startedAt })),
      }));
    expect(lasting(told)).toStrictEqual(lasting(published));
    const next = await reports.first(({ sequence }) => sequence === told.sequence + 1);
    expect(next.at >= told.at).toBe(true);
  });

  it('has the figures of the moment', async () => {
    sender.fallSilent();
    await reports.becomes('reports', 'DOWN');
    const figure = async () => {
      const reason = serviceIn(await heartbeat.report(), 'reports')!.reason;
      return Number(/^no beat for (\d+\.\d) s/.exec(reason)![1]);
    };
    const first = await figure();
    await expect.poll(figure).toBeGreaterThan(first);
  });
});

describe('HTTP', () => {
  it('/ready says how well it can hear', async () => {
    expect(await (await fetch(`${heartbeat.url}/ready`)).json()).toStrictEqual({
      service: 'heartbeat',
      ready: true,
      checks: { redis: 'ready', sees: true },
    });
  });
});
