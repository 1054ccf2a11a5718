import { eventually } from '@seguridad-abc/platform/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  executeOperation,
  getDefaultHeaders,
  collectPayloads,
  createWebSocketClient,
  type CollectedPayloads,
} from './harness/graphql-clients.js';
import { SERVICES, startTestPlatform, type TestPlatform, type ServiceName } from './harness/test-platform.js';

interface HealthPayload {
  readonly data?: {
    readonly heartbeat: { readonly name: string; readonly status: string; readonly reason: string };
  } | null;
}

let platform: TestPlatform;
let client: ReturnType<typeof createWebSocketClient>;
beforeAll(async () => void (platform = await startTestPlatform()));
afterAll(() => platform.close());
beforeEach(() => void (client = createWebSocketClient(platform.webSocketUrl)));
afterEach(async () => {
  await client.dispose();
  // A test that fails may leave a service stopped. The next tests need all of them.
  for (const name of SERVICES) if (!platform.isRunning(name)) await platform.start(name);
});

const subscribeToHealth = (services?: string[]) =>
  collectPayloads<NonNullable<HealthPayload['data']>>(
    client,
    `subscription ($services: [String!]) { heartbeat(services: $services) { name status reason since lastBeatAt instances { id status } } }`,
    services ? { services } : {},
  ) as CollectedPayloads<HealthPayload>;

const hasStatus = (name: string, status: string) => (payload: HealthPayload) =>
  payload.data?.heartbeat.name === name && payload.data.heartbeat.status === status;

async function waitUntilAllUp(health: CollectedPayloads<HealthPayload>, names: readonly string[] = SERVICES) {
  await Promise.all(names.map((name) => health.waitFor(hasStatus(name, 'UP'))));
}

/** The statuses of a service in the order in which they were received. */
const getStatuses = (health: CollectedPayloads<HealthPayload>, name: string, from = 0) =>
  health.payloads
    .slice(from)
    .flatMap(({ data }) => (data?.heartbeat.name === name ? [data.heartbeat.status] : []));

/**
 * Waits until the last received status of each service is UP. While the machine is busy, a service can be LATE or UNKNOWN for
 * a moment.
 */
const waitUntilLastStatusIsUp = (health: CollectedPayloads<HealthPayload>, names: readonly string[]) =>
  expect
    .poll(() => names.map((name) => getStatuses(health, name).at(-1)), { timeout: 20_000 })
    .toStrictEqual(names.map(() => 'UP'));

/** Waits for a payload that has not been received yet. */
async function waitForNext(
  health: CollectedPayloads<HealthPayload>,
  test: (payload: HealthPayload) => boolean,
) {
  const before = new Set(health.payloads);
  return health.waitFor((payload) => !before.has(payload) && test(payload));
}

describe('live health', () => {
  it.each<ServiceName>(['reports', 'monitoring'])(
    '%s killed: DOWN, then UP when it is back',
    async (name) => {
      const health = subscribeToHealth();
      await waitUntilAllUp(health);
      const from = health.payloads.length;
      const down = waitForNext(health, hasStatus(name, 'DOWN'));
      await platform.stop(name, 'SIGKILL');
      const payload = await down;
      expect(payload.data?.heartbeat.reason).toMatch(/\d/);
      const up = waitForNext(health, hasStatus(name, 'UP'));
      await platform.start(name);
      await up;
      const others = SERVICES.filter((other) => other !== name);
      await waitUntilLastStatusIsUp(health, others);
      for (const other of others) expect(getStatuses(health, other, from)).not.toContain('DOWN');
    },
  );

  it('heartbeat killed: the gateway reports UNKNOWN for all services until it is back', async () => {
    const all = subscribeToHealth();
    const one = subscribeToHealth(['reports']);
    await waitUntilAllUp(all);
    await waitUntilAllUp(one, ['reports']);
    const statusChanges = Promise.all([
      waitForNext(all, hasStatus('heartbeat', 'DOWN')),
      ...SERVICES.filter((name) => name !== 'heartbeat').map((name) =>
        waitForNext(all, hasStatus(name, 'UNKNOWN')),
      ),
      waitForNext(one, hasStatus('reports', 'UNKNOWN')),
    ]);
    await platform.stop('heartbeat', 'SIGKILL');
    await statusChanges;
    const back = Promise.all(SERVICES.map((name) => waitForNext(all, hasStatus(name, 'UP'))));
    await platform.start('heartbeat');
    await back;
    expect(one.payloads.every(({ data }) => data?.heartbeat.name === 'reports')).toBe(true);
  });

  it('Redis killed: services are UNKNOWN, not DOWN, and clients stay connected until it is back', async () => {
    const health = subscribeToHealth();
    await waitUntilAllUp(health);
    const from = health.payloads.length;
    const allUnknown = Promise.all(SERVICES.map((name) => waitForNext(health, hasStatus(name, 'UNKNOWN'))));
    await platform.redis.kill();
    const [first] = await allUnknown;
    expect(first?.data?.heartbeat.reason).toMatch(/Redis/);
    const back = Promise.all(SERVICES.map((name) => waitForNext(health, hasStatus(name, 'UP'))));
    await platform.redis.start();
    await back;
    for (const name of SERVICES) expect(getStatuses(health, name, from)).not.toContain('DOWN');
  });

  it('a service that stops in order is DOWN at once, with the reason that it stopped normally', async () => {
    const health = subscribeToHealth(['reports', 'gateway']);
    await waitUntilAllUp(health, ['reports', 'gateway']);
    const down = waitForNext(health, hasStatus('reports', 'DOWN'));
    await platform.stop('reports', 'SIGTERM');
    expect((await down).data?.heartbeat.reason).toMatch(/stopped normally/);
    await platform.start('reports');
  });

  it('queries return the health of all services, or of one by name', async () => {
    await waitUntilAllUp(subscribeToHealth());
    // While the machine is busy, a service can be LATE or UNKNOWN for a moment.
    await eventually(async () => {
      const { data } = await executeOperation(
        platform.url,
        `{ services { name status instances { id version } } service(name: "reports") { status } nobody: service(name: "nobody") { status } }`,
      );
      expect(data).toMatchObject({
        services: [...SERVICES]
          .sort()
          .map((name) => ({ name, status: 'UP', instances: [{ version: '0.1.0' }] })),
        service: { status: 'UP' },
        nobody: null,
      });
    });
  });

  it('a payload contains the requested history, including its own change', async () => {
    interface HistoryPayload {
      readonly heartbeat: {
        readonly name: string;
        readonly status: string;
        readonly hour: number | null;
        readonly transitions: readonly { readonly from: string; readonly to: string; readonly at: string }[];
        readonly last: readonly { readonly to: string }[];
      };
    }
    const health = collectPayloads<HistoryPayload>(
      client,
      `subscription { heartbeat(services: ["reports"]) {
        name status hour: uptime(window: HOUR) transitions(first: 5) { from to at reason } last: transitions(first: 1) { to }
      } }`,
    );
    const waitForStatus = (status: string) => {
      const before = new Set(health.payloads);
      return health.waitFor((value) => !before.has(value) && value.data?.heartbeat.status === status);
    };
    const up = (await health.waitFor(({ data }) => data?.heartbeat.status === 'UP')).data?.heartbeat;
    expect(up?.hour).toBeGreaterThan(0);
    const down = waitForStatus('DOWN');
    await platform.stop('reports', 'SIGKILL');
    const { errors, data } = await down;
    expect(errors).toBeUndefined();
    expect(data?.heartbeat.last).toStrictEqual([{ to: 'DOWN' }]);
    expect(data?.heartbeat.transitions[0]).toMatchObject({ to: 'DOWN' });
    // A transition starts where the one before it, the next in the list, ended.
    const transitions = data?.heartbeat.transitions ?? [];
    expect(transitions.slice(0, -1).map(({ from }) => from)).toStrictEqual(
      transitions.slice(1).map(({ to }) => to),
    );
    const back = waitForStatus('UP');
    await platform.start('reports');
    expect((await back).data?.heartbeat.hour).toBeLessThan(1);
    expect(
      await executeOperation(platform.url, '{ service(name: "reports") { transitions(first: 201) { to } } }'),
    ).toMatchObject({
      data: { service: null },
      errors: [{ path: ['service', 'transitions'], extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });

  it('the HTTP status routes return the same health, also while heartbeat is down', async () => {
    const origin = platform.getOrigin('gateway');
    const status = async () =>
      (await fetch(`${origin}/status.json`, { headers: getDefaultHeaders(origin) })).json();
    await expect.poll(status).toMatchObject({
      status: 'UP',
      services: [...SERVICES].sort().map((name) => ({ name, status: 'UP' })),
    });
    expect(
      await (await fetch(`${origin}/status/reports.svg`, { headers: getDefaultHeaders(origin) })).text(),
    ).toContain('<title>reports: up</title>');
    await platform.stop('heartbeat', 'SIGKILL');
    await expect
      .poll(status, { timeout: 10_000 })
      .toMatchObject({ status: 'DOWN', services: [{}, { name: 'heartbeat', status: 'DOWN' }, {}, {}] });
    await platform.start('heartbeat');
    await expect.poll(status).toMatchObject({ status: 'UP' });
  });

  it('a gateway that stops ends its subscriptions with an error, so that clients reconnect', async () => {
    const health = subscribeToHealth();
    await waitUntilAllUp(health);
    await platform.stop('gateway', 'SIGTERM');
    await expect(health.ended).rejects.toThrow();
    await platform.start('gateway');
  });
});
