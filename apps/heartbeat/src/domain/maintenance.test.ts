import { describe, expect, it } from 'vitest';
import { createWorld, INTERVAL_MS, START, type World } from '../testing/world.js';
import { takeBack, takeOut } from './monitor.js';

const maintenance = (until?: number) => ({
  service: 'reports',
  reason: 'new disk',
  since: START.wall,
  until,
});

const working = (): World => {
  const world = createWorld();
  world.beat();
  return world;
};
const statusesIn = ({ transitions }: World, name = 'reports') =>
  transitions.filter(({ service }) => service === name).map(({ from, to }) => `${from} ${to}`);

describe('a service in maintenance', () => {
  it('is so at once, whatever its processes do, and they are judged beneath', () => {
    const world = working();
    world.input(takeOut(maintenance()));
    expect(world.service('reports')).toMatchObject({
      status: 'MAINTENANCE',
      reason: 'maintenance: new disk',
      instances: [{ status: 'UP' }],
    });
    world.pass(5 * INTERVAL_MS);
    expect(world.service('reports')).toMatchObject({
      status: 'MAINTENANCE',
      instances: [{ status: 'DOWN' }],
    });
    expect(statusesIn(world)).toStrictEqual(['UNKNOWN UP', 'UP MAINTENANCE']);
  });

  it('is what it has become when it is taken back, and that begins then', () => {
    const world = working();
    world.input(takeOut(maintenance()));
    world.pass(5 * INTERVAL_MS);
    world.input(takeBack('reports'));
    expect(world.service('reports')).toMatchObject({ status: 'DOWN', since: '2026-01-31T10:00:10.000Z' });
    expect(statusesIn(world).at(-1)).toBe('MAINTENANCE DOWN');
  });

  it('is so while Redis is away, too', () => {
    const world = working();
    world.input(takeOut(maintenance()));
    world.pass(3 * INTERVAL_MS, 'away');
    expect(world.service('reports')).toMatchObject({
      status: 'MAINTENANCE',
      instances: [{ status: 'UNKNOWN' }],
    });
  });

  it('says until when, and ends then by itself, by the wall clock', () => {
    const world = working();
    world.input(takeOut(maintenance(START.wall + 3_600_000)));
    expect(world.service('reports').reason).toBe('maintenance until 2026-01-31T11:00:00.000Z: new disk');
    world.pass(1_000);
    world.setClock(3_600_000);
    world.pass(200);
    expect(world.service('reports')).toMatchObject({ status: 'UP', since: '2026-01-31T11:00:01.200Z' });
    expect(world.state.maintenance).toStrictEqual([]);
  });

  it('taken out again has the new reason and end, from when it was first', () => {
    const world = working();
    world.input(takeOut(maintenance()));
    world.pass(1_000);
    world.input(takeOut({ ...maintenance(), reason: 'two disks', since: world.now.wall }));
    expect(world.service('reports')).toMatchObject({
      reason: 'maintenance: two disks',
      since: '2026-01-31T10:00:00.000Z',
    });
    expect(world.state.maintenance).toMatchObject([{ since: START.wall }]);
  });

  it('that nobody expects is listed after its goodbye, until it is taken back', () => {
    const world = createWorld();
    world.beat({ service: 'probe' });
    world.input(takeOut({ ...maintenance(), service: 'probe' }));
    world.beat({ service: 'probe', status: 'stopping' });
    expect(world.service('probe')).toMatchObject({ status: 'MAINTENANCE', instances: [] });
    world.input(takeBack('probe'));
    expect(world.snapshots.map(({ name }) => name)).not.toContain('probe');
    expect(statusesIn(world, 'probe')).toStrictEqual(['UNKNOWN UP', 'UP MAINTENANCE', 'MAINTENANCE UNKNOWN']);
  });
});
