import { describe, expect, it } from 'vitest';
import { RESTARTED_AT } from '../testing/beat.js';
import { createWorld, INTERVAL_MS, type World } from '../testing/world.js';

const beatFor = (world: World, intervals: number) => {
  for (let i = 0; i < intervals; i += 1) {
    world.beat();
    world.pass(INTERVAL_MS);
  }
};

describe('a service that beats', () => {
  it('is UP with its first beat', () => {
    const world = createWorld();
    world.beat();
    expect(world.service('reports')).toStrictEqual({
      name: 'reports',
      status: 'UP',
      reason: 'beats as promised, every 2.0 s',
      since: '2026-01-31T10:00:00.000Z',
      lastBeatAt: '2026-01-31T10:00:00.000Z',
      instances: [
        {
          id: 'host:4002',
          status: 'UP',
          version: '0.1.0',
          startedAt: '2026-01-31T08:00:00.000Z',
          lastBeatAt: '2026-01-31T10:00:00.000Z',
        },
      ],
    });
  });

  it('stays UP, with the time when that began', () => {
    const world = createWorld();
    beatFor(world, 30);
    expect(world.history('reports')).toStrictEqual(['UP']);
    expect(world.service('reports')).toMatchObject({
      since: '2026-01-31T10:00:00.000Z',
      lastBeatAt: '2026-01-31T10:00:58.000Z',
    });
  });

  it('is LATE 2 intervals after its last beat', () => {
    const world = createWorld();
    world.beat();
    world.pass(3_999);
    expect(world.service('reports').status).toBe('UP');
    world.pass(1);
    expect(world.service('reports')).toMatchObject({
      status: 'LATE',
      reason: 'late 2.0 s; a beat every 2.0 s is due',
      since: '2026-01-31T10:00:04.000Z',
      lastBeatAt: '2026-01-31T10:00:00.000Z',
      instances: [{ status: 'LATE' }],
    });
    world.pass(1_200);
    expect(world.service('reports').reason).toBe('late 3.2 s; a beat every 2.0 s is due');
  });

  it('is DOWN 5 intervals after its last beat, and stays so', () => {
    const world = createWorld();
    world.beat();
    world.pass(9_999);
    expect(world.service('reports').status).toBe('LATE');
    world.pass(1);
    expect(world.service('reports')).toMatchObject({
      status: 'DOWN',
      reason: 'no beat for 10.0 s; a beat every 2.0 s is due',
      since: '2026-01-31T10:00:10.000Z',
    });
    world.pass(300_000);
    expect(world.history('reports')).toStrictEqual(['UP', 'LATE', 'DOWN']);
    expect(world.service('reports').reason).toBe('no beat for 5 min 10 s; a beat every 2.0 s is due');
  });

  it('is judged by the interval that it promised itself', () => {
    const world = createWorld();
    world.beat({ intervalMs: 10_000 });
    world.pass(19_999);
    expect(world.service('reports').status).toBe('UP');
    world.pass(1);
    expect(world.service('reports').status).toBe('LATE');
    world.pass(30_000);
    expect(world.service('reports').status).toBe('DOWN');
  });
});

describe('a service that beats again', () => {
  const silent = (ms: number) => {
    const world = createWorld();
    world.beat();
    world.pass(ms);
    return world;
  };

  it.each([
    ['LATE', 6_000],
    ['DOWN', 12_000],
  ] as const)('from %s is UP with the second beat in a row', (status, ms) => {
    const world = silent(ms);
    world.beat();
    world.pass(1_000);
    expect(world.service('reports')).toMatchObject({
      status,
      reason: `1 beat after ${ms / 1_000}.0 s of silence; 2 in a row are due, every 2.0 s`,
    });
    world.beat();
    expect(world.service('reports')).toMatchObject({
      status: 'UP',
      reason: 'beats as promised, every 2.0 s',
    });
  });

  it('is not UP with two beats 2 intervals apart', () => {
    const world = silent(12_000);
    world.beat();
    world.pass(4_000);
    world.beat();
    expect(world.service('reports').status).toBe('DOWN');
    world.pass(3_999);
    world.beat();
    expect(world.service('reports').status).toBe('UP');
  });

  it('and is silent again, is DOWN 5 intervals after that beat', () => {
    const world = silent(6_000);
    world.beat();
    world.pass(9_999);
    expect(world.service('reports')).toMatchObject({
      status: 'LATE',
      reason: 'late 8.0 s; a beat every 2.0 s is due',
    });
    world.pass(1);
    expect(world.service('reports')).toMatchObject({
      status: 'DOWN',
      reason: 'no beat for 10.0 s; a beat every 2.0 s is due',
    });
  });

  it('as a new process is the same instance, and has to show that it stays', () => {
    const world = silent(12_000);
    world.beat({ startedAt: RESTARTED_AT, sequence: 1 });
    world.pass(1_000);
    world.beat({ startedAt: '2026-01-31T09:00:01.000Z', sequence: 1 });
    expect(world.service('reports').status).toBe('DOWN');
    world.pass(1_000);
    world.beat({ startedAt: '2026-01-31T09:00:01.000Z', sequence: 2 });
    expect(world.service('reports')).toMatchObject({ status: 'UP', instances: [{ id: 'host:4002' }] });
  });
});

describe('a beat that says nothing new', () => {
  it.each([
    ['a repeated one', { sequence: 2 }],
    ['an overtaken one', { sequence: 1 }],
  ])('%s does not count', (_name, beat) => {
    const world = createWorld();
    world.beat({ sequence: 1 });
    world.beat({ sequence: 2 });
    world.pass(3_000);
    world.beat(beat);
    world.pass(1_000);
    expect(world.service('reports')).toMatchObject({
      status: 'LATE',
      lastBeatAt: '2026-01-31T10:00:00.000Z',
    });
  });

  it('one of the process before does not count', () => {
    const world = createWorld();
    world.beat({ sequence: 7 });
    world.beat({ startedAt: RESTARTED_AT, sequence: 1 });
    world.beat({ sequence: 8, status: 'error', detail: 'of the past' });
    expect(world.service('reports')).toMatchObject({
      status: 'UP',
      instances: [{ startedAt: RESTARTED_AT }],
    });
  });
});

describe('a service that is expected and never heard', () => {
  it('is not judged for 5 intervals, then DOWN', () => {
    const world = createWorld();
    world.pass(9_800);
    expect(world.service('gateway')).toMatchObject({
      status: 'UNKNOWN',
      reason: 'not judged yet: no beat in the 9.8 s since the watch began',
      lastBeatAt: null,
      instances: [],
    });
    world.pass(200);
    expect(world.service('gateway')).toMatchObject({
      status: 'DOWN',
      reason: 'no beat in the 10.0 s since the watch began',
    });
    world.beat({ service: 'gateway' });
    expect(world.history('gateway')).toStrictEqual(['DOWN', 'UP']);
  });
});

describe('the list of services', () => {
  it('has every expected one and every one heard, by name', () => {
    const world = createWorld();
    world.beat({ service: 'probe' });
    expect(world.snapshots.map(({ name }) => name)).toStrictEqual([
      'gateway',
      'heartbeat',
      'monitoring',
      'probe',
      'reports',
    ]);
  });
});
