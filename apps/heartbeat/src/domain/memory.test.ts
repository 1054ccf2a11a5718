import { describe, expect, it } from 'vitest';
import { createWorld, INTERVAL_MS, START, type World } from '../testing/world.js';
import { memoryOf, type Memory } from './memory.js';
import { takeOut } from './monitor.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** A run that came after one, an hour later. */
const after = (world: World, { awayMs = 3_600_000, expected = [] as string[] } = {}) => {
  const memory = shifted(memoryOf(world.state, world.now), world.now.wall + awayMs - START.wall);
  const maintenance = world.state.maintenance;
  return createWorld({ recall: { memory, maintenance }, rules: { expected } });
};
/** Worlds all begin at the same moment: what was before it is moved back. */
const shifted = (memory: Memory, byMs: number): Memory => ({
  aliveAt: memory.aliveAt - byMs,
  services: memory.services.map((service) => ({
    ...service,
    since: service.since - byMs,
    lastBeatAt: service.lastBeatAt === undefined ? undefined : service.lastBeatAt - byMs,
  })),
});

const heard = (service = 'probe', intervalMs = INTERVAL_MS) => {
  const world = createWorld({ rules: { expected: [] } });
  world.beat({ service, intervalMs });
  return world;
};

describe('a service that was known before', () => {
  it('is not judged at first, from when nobody watched any more', () => {
    const world = after(heard());
    expect(world.service('probe')).toMatchObject({
      status: 'UNKNOWN',
      since: '2026-01-31T09:00:00.000Z',
      lastBeatAt: '2026-01-31T09:00:00.000Z',
      instances: [],
    });
    expect(world.transitions).toStrictEqual([
      {
        service: 'probe',
        from: 'UP',
        to: 'UNKNOWN',
        at: START.wall - 3_600_000,
        reason: 'the monitor was off',
      },
    ]);
  });

  it('and does not beat any more is DOWN after 5 intervals', () => {
    const world = after(heard());
    world.pass(5 * INTERVAL_MS - 200);
    expect(world.service('probe').status).toBe('UNKNOWN');
    world.pass(200);
    expect(world.service('probe')).toMatchObject({
      status: 'DOWN',
      since: '2026-01-31T10:00:10.000Z',
      reason: 'no beat in the 10.0 s since the watch began',
    });
    world.pass(DAY_MS / 24);
    expect(world.service('probe').status).toBe('DOWN');
  });

  it('is given the intervals that it promised itself', () => {
    const world = after(heard('probe', 3 * INTERVAL_MS));
    world.pass(15 * INTERVAL_MS - 200);
    expect(world.service('probe').status).toBe('UNKNOWN');
    world.pass(200);
    expect(world.service('probe').status).toBe('DOWN');
  });

  it('and beats is UP with its first beat', () => {
    const world = after(heard());
    world.pass(INTERVAL_MS);
    world.beat({ service: 'probe' });
    expect(world.service('probe')).toMatchObject({ status: 'UP', since: '2026-01-31T10:00:02.000Z' });
    expect(world.transitions.map(({ from, to }) => [from, to])).toStrictEqual([
      ['UP', 'UNKNOWN'],
      ['UNKNOWN', 'UP'],
    ]);
  });

  it('and says goodbye is forgotten', () => {
    const world = after(heard());
    world.beat({ service: 'probe', status: 'stopping' });
    expect(world.snapshots).toStrictEqual([]);
    expect(after(world).snapshots).toStrictEqual([]);
  });

  it('is remembered over several runs', () => {
    const world = after(after(after(heard())));
    world.pass(5 * INTERVAL_MS);
    expect(world.service('probe').status).toBe('DOWN');
  });

  it('and was not judged then keeps the time when that began', () => {
    const world = heard();
    world.pass(2 * INTERVAL_MS, 'away');
    const before = Date.parse(world.service('probe').since) - world.now.wall;
    const next = after(world);
    expect(next.transitions).toStrictEqual([]);
    expect(Date.parse(next.service('probe').since)).toBe(START.wall - 3_600_000 + before);
  });

  it('that was silent for a week while the monitor watched is not remembered', () => {
    const memory = { ...memoryOf(heard().state, START), aliveAt: START.wall + 7 * DAY_MS };
    const world = createWorld({ recall: { memory, maintenance: [] }, rules: { expected: [] } });
    expect(world.snapshots).toStrictEqual([]);
    expect(world.transitions).toMatchObject([{ from: 'UP', to: 'UNKNOWN' }]);
  });

  it('and stopped in order, expected, is expected again', () => {
    const world = createWorld({ rules: { expected: ['reports'] } });
    world.beat();
    world.beat({ status: 'stopping' });
    const next = after(world, { expected: ['reports'] });
    expect(next.service('reports').status).toBe('UNKNOWN');
    next.pass(5 * INTERVAL_MS);
    expect(next.service('reports').status).toBe('DOWN');
    expect(after(world).snapshots).toStrictEqual([]);
  });
});

describe('a service that was in maintenance', () => {
  const maintained = (until?: number) => {
    const world = heard();
    world.input(takeOut({ service: 'probe', reason: 'new disk', since: START.wall, until }));
    return world;
  };

  it('still is, since then', () => {
    const world = after(maintained());
    expect(world.transitions).toStrictEqual([]);
    expect(world.service('probe')).toMatchObject({
      status: 'MAINTENANCE',
      reason: 'maintenance: new disk',
      since: '2026-01-31T09:00:00.000Z',
    });
    world.pass(6 * INTERVAL_MS);
    expect(world.service('probe').status).toBe('MAINTENANCE');
  });

  it('is not any more where its time was over meanwhile', () => {
    const memory = shifted(memoryOf(maintained(START.wall + 1_000).state, START), 3_600_000);
    const past = { service: 'probe', reason: 'x', since: START.wall - 3_600_000, until: START.wall - 1_000 };
    const world = createWorld({ recall: { memory, maintenance: [past] }, rules: { expected: [] } });
    expect(world.service('probe').status).toBe('UNKNOWN');
    expect(world.transitions).toMatchObject([{ from: 'MAINTENANCE', to: 'UNKNOWN' }]);
  });
});
