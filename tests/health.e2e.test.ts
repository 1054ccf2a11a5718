import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask, authorised, collect, socketClient, type Received } from './harness/clients.js';
import { INTERVAL_MS, SERVICES, startPlatform, type Platform, type ServiceName } from './harness/platform.js';

interface Payload {
  readonly data?: {
    readonly heartbeat: { readonly name: string; readonly status: string; readonly reason: string };
  } | null;
}

let platform: Platform;
let client: ReturnType<typeof socketClient>;
// Each test leaves every service as it found it.
beforeAll(async () => void (platform = await startPlatform()));
afterAll(() => platform.close());
beforeEach(() => void (client = socketClient(platform.socketUrl)));
afterEach(() => client.dispose());

const watch = (services?: string[]) =>
  collect<NonNullable<Payload['data']>>(
    client,
    `subscription ($services: [String!]) { heartbeat(services: $services) { name status reason since lastBeatAt instances { id status } } }`,
    services ? { services } : {},
  ) as Received<Payload>;

const is = (name: string, status: string) => (payload: Payload) =>
  payload.data?.heartbeat.name === name && payload.data.heartbeat.status === status;

/** Every service is seen UP. */
async function allUp(health: Received<Payload>, names: readonly string[] = SERVICES) {
  await Promise.all(names.map((name) => health.first(is(name, 'UP'))));
}

/** The statuses of a service in the order in which they were received. */
const statusesOf = (health: Received<Payload>, name: string, from = 0) =>
  health.values
    .slice(from)
    .flatMap(({ data }) => (data?.heartbeat.name === name ? [data.heartbeat.status] : []));

/** A payload that comes after those received so far. */
async function next(health: Received<Payload>, test: (payload: Payload) => boolean) {
  const before = new Set(health.values);
  return health.first((payload) => !before.has(payload) && test(payload));
}

describe('live health', () => {
  it.each<ServiceName>(['reports', 'monitoring'])(
    '%s killed: LATE, then DOWN within 5 intervals and 500 ms, then UP when it is back',
    async (name) => {
      const health = watch();
      await allUp(health);
      const from = health.values.length;
      const down = next(health, is(name, 'DOWN'));
      const killed = performance.now();
      await platform.end(name, 'SIGKILL');
      const payload = await down;
      expect(performance.now() - killed).toBeLessThanOrEqual(5 * INTERVAL_MS + 500);
      expect(payload.data?.heartbeat.reason).toMatch(/\d/);
      expect(statusesOf(health, name, from)).toStrictEqual(['LATE', 'DOWN']);
      const up = next(health, is(name, 'UP'));
      await platform.start(name);
      await up;
      // The others were never in doubt.
      for (const other of SERVICES)
        if (other !== name) expect(statusesOf(health, other, from)).toStrictEqual([]);
    },
  );

  it('heartbeat itself killed: the gateway says so to all subscribers, and takes it back', async () => {
    const all = watch();
    const one = watch(['reports']);
    await allUp(all);
    await allUp(one, ['reports']);
    const told = Promise.all([
      next(all, is('heartbeat', 'DOWN')),
      ...SERVICES.filter((name) => name !== 'heartbeat').map((name) => next(all, is(name, 'UNKNOWN'))),
      next(one, is('reports', 'UNKNOWN')),
    ]);
    const killed = performance.now();
    await platform.end('heartbeat', 'SIGKILL');
    await told;
    expect(performance.now() - killed).toBeLessThanOrEqual(5 * INTERVAL_MS + 500);
    const back = Promise.all(SERVICES.map((name) => next(all, is(name, 'UP'))));
    await platform.start('heartbeat');
    await back;
    expect(one.values.every(({ data }) => data?.heartbeat.name === 'reports')).toBe(true);
  });

  it('Redis killed: blind, not DOWN; the clients stay, and get the present state when it is back', async () => {
    const health = watch();
    await allUp(health);
    const from = health.values.length;
    const blind = Promise.all(SERVICES.map((name) => next(health, is(name, 'UNKNOWN'))));
    await platform.redis.kill();
    const [first] = await blind;
    expect(first?.data?.heartbeat.reason).toMatch(/Redis/);
    const back = Promise.all(SERVICES.map((name) => next(health, is(name, 'UP'))));
    await platform.redis.start();
    await back;
    for (const name of SERVICES) expect(statusesOf(health, name, from)).not.toContain('DOWN');
  });

  it('a service that stops in order says goodbye', async () => {
    const health = watch(['reports', 'gateway']);
    await allUp(health, ['reports', 'gateway']);
    const down = next(health, is('reports', 'DOWN'));
    await platform.end('reports', 'SIGTERM');
    expect((await down).data?.heartbeat.reason).toMatch(/goodbye/);
    await platform.start('reports');
  });

  it('is answered to queries too, by name and whole', async () => {
    await allUp(watch());
    const { data } = await ask(
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

  it('tells with each change what is asked of the history, this change included', async () => {
    interface Remembered {
      readonly heartbeat: {
        readonly name: string;
        readonly status: string;
        readonly hour: number | null;
        readonly transitions: readonly { readonly from: string; readonly to: string; readonly at: string }[];
        readonly last: readonly { readonly to: string }[];
      };
    }
    const health = collect<Remembered>(
      client,
      `subscription { heartbeat(services: ["reports"]) {
        name status hour: uptime(window: HOUR) transitions(first: 5) { from to at reason } last: transitions(first: 1) { to }
      } }`,
    );
    const becomes = (status: string) => {
      const before = new Set(health.values);
      return health.first((value) => !before.has(value) && value.data?.heartbeat.status === status);
    };
    const up = (await health.first(({ data }) => data?.heartbeat.status === 'UP')).data?.heartbeat;
    expect(up?.hour).toBeGreaterThan(0);
    const told = becomes('DOWN');
    await platform.end('reports', 'SIGKILL');
    const { errors, data } = await told;
    expect(errors).toBeUndefined();
    expect(data?.heartbeat.last).toStrictEqual([{ to: 'DOWN' }]);
    expect(data?.heartbeat.transitions.slice(0, 2).map(({ from, to }) => [from, to])).toStrictEqual([
      ['LATE', 'DOWN'],
      ['UP', 'LATE'],
    ]);
    const back = becomes('UP');
    await platform.start('reports');
    expect((await back).data?.heartbeat.hour).toBeLessThan(1);
    expect(
      await ask(platform.url, '{ service(name: "reports") { transitions(first: 201) { to } } }'),
    ).toMatchObject({
      data: { service: null },
      errors: [{ path: ['service', 'transitions'], extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });

  it('is told over HTTP as it is to subscribers, also where the monitor is gone', async () => {
    const origin = platform.origin('gateway');
    const status = async () => (await fetch(`${origin}/status.json`, { headers: authorised(origin) })).json();
    await expect.poll(status, { timeout: 10_000 }).toMatchObject({
      status: 'UP',
      services: [...SERVICES].sort().map((name) => ({ name, status: 'UP' })),
    });
    expect(
      await (await fetch(`${origin}/status/reports.svg`, { headers: authorised(origin) })).text(),
    ).toContain('<title>reports: up</title>');
    await platform.end('heartbeat', 'SIGKILL');
    await expect
      .poll(status, { timeout: 10_000 })
      .toMatchObject({ status: 'DOWN', services: [{}, { name: 'heartbeat', status: 'DOWN' }, {}, {}] });
    await platform.start('heartbeat');
    await expect.poll(status, { timeout: 10_000 }).toMatchObject({ status: 'UP' });
  });

  it('ends the subscriptions of a gateway that stops with an error, so that clients come again', async () => {
    const health = watch();
    await allUp(health);
    await platform.end('gateway', 'SIGTERM');
    await expect(health.ended).rejects.toThrow();
    await platform.start('gateway');
  });
});
