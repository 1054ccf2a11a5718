import { describe, expect, it } from 'vitest';
import { RESTARTED_AT } from '../testing/beat.js';
import { createWorld, INTERVAL_MS, type World } from '../testing/world.js';

const A = 'a:4001';
const B = 'b:4001';

/** Both beat for so many intervals. */
const beatFor = (world: World, intervals: number, ...instances: string[]) => {
  for (let i = 0; i < intervals; i += 1) {
    for (const instance of instances) world.beat({ instance });
    world.pass(INTERVAL_MS);
  }
};

describe('a service that says itself that something is wrong', () => {
  it.each([
    [
      'an error',
      { status: 'error', detail: 'the stream is of another log' },
      'reports an error: the stream is of another log',
    ],
    ['an error without detail', { status: 'error' }, 'reports an error'],
    [
      'its lag',
      { lag: { entries: 1_204, what: 'log entries not yet relayed' } },
      '1,204 log entries not yet relayed, over 1,000',
    ],
    ['its event loop', { loopDelayMs: 812.3 }, 'event-loop delay 812 ms, over 500 ms'],
    [
      'several things',
      { status: 'error', detail: 'disk full', loopDelayMs: 1_500 },
      'reports an error: disk full; event-loop delay 1,500 ms, over 500 ms',
    ],
  ] as const)('%s: DEGRADED', (_name, beat, reason) => {
    const world = createWorld();
    world.beat(beat);
    expect(world.service('reports')).toMatchObject({
      status: 'DEGRADED',
      reason,
      instances: [{ status: 'DEGRADED' }],
    });
    world.beat();
    expect(world.history('reports')).toStrictEqual(['DEGRADED', 'UP']);
  });

  it('at its thresholds is UP', () => {
    const world = createWorld();
    world.beat({ lag: { entries: 1_000, what: 'log entries behind' }, loopDelayMs: 500 });
    expect(world.service('reports').status).toBe('UP');
  });

  it('and falls silent, is LATE and DOWN like any other', () => {
    const world = createWorld();
    world.beat({ status: 'error', detail: 'disk full' });
    world.pass(10_000);
    expect(world.history('reports')).toStrictEqual(['DEGRADED', 'LATE', 'DOWN']);
  });
});

describe('a service of several instances', () => {
  it('is UP where all beat', () => {
    const world = createWorld();
    beatFor(world, 10, A, B);
    expect(world.history('reports')).toStrictEqual(['UP']);
    expect(world.service('reports')).toMatchObject({
      reason: '2 instances beat as promised, every 2.0 s',
      instances: [{ id: A }, { id: B }],
    });
  });

  it('is DEGRADED where one is late or down while another works', () => {
    const world = createWorld();
    beatFor(world, 1, A, B);
    beatFor(world, 2, B);
    expect(world.service('reports')).toMatchObject({
      status: 'DEGRADED',
      reason: '1 of 2 instances is late: a:4001 (late 4.0 s; a beat every 2.0 s is due)',
      instances: [
        { id: A, status: 'LATE' },
        { id: B, status: 'UP' },
      ],
    });
    beatFor(world, 3, B);
    expect(world.service('reports')).toMatchObject({
      status: 'DEGRADED',
      reason: '1 of 2 instances is down: a:4001 (no beat for 12.0 s; a beat every 2.0 s is due)',
    });
    expect(world.history('reports')).toStrictEqual(['UP', 'DEGRADED']);
  });

  it('tells of each group of instances, worst first', () => {
    const world = createWorld();
    beatFor(world, 1, A, B, 'c', 'd', 'e');
    world.pass(4_000);
    world.beat({ instance: 'f' });
    world.pass(4_000);
    world.beat({ instance: 'g', loopDelayMs: 700 });
    expect(world.service('reports')).toMatchObject({
      status: 'DEGRADED',
      reason:
        '5 of 7 instances are down: a:4001 (no beat for 10.0 s; a beat every 2.0 s is due), ' +
        'b:4001 (no beat for 10.0 s; a beat every 2.0 s is due), c (no beat for 10.0 s; a beat every 2.0 s is due), ' +
        '2 more; 1 of 7 instances is late: f (late 2.0 s; a beat every 2.0 s is due); ' +
        '1 of 7 instances is degraded: g (event-loop delay 700 ms, over 500 ms)',
    });
  });

  it('is LATE while the last of them is, then DOWN', () => {
    const world = createWorld();
    beatFor(world, 1, A, B);
    beatFor(world, 1, B);
    world.pass(2_000);
    expect(world.service('reports').status).toBe('LATE');
    world.pass(4_000);
    expect(world.service('reports')).toMatchObject({
      status: 'LATE',
      reason:
        '1 of 2 instances is down: a:4001 (no beat for 10.0 s; a beat every 2.0 s is due); ' +
        '1 of 2 instances is late: b:4001 (late 6.0 s; a beat every 2.0 s is due)',
    });
    world.pass(2_000);
    expect(world.service('reports').status).toBe('DOWN');
  });

  it('where one has beaten since Redis came back and the other has not yet, is UP', () => {
    const world = createWorld();
    beatFor(world, 1, A, B);
    world.pass(4_000, 'away');
    world.pass(200);
    world.beat({ instance: B });
    expect(world.service('reports')).toMatchObject({
      status: 'UP',
      reason: '1 of 2 instances is not judged yet: a:4001 (no beat in the 0.0 s since Redis came back)',
    });
  });
});

describe('an instance that is down', () => {
  it('for 60 s while another works is forgotten', () => {
    const world = createWorld();
    beatFor(world, 1, A, B);
    beatFor(world, 33, B);
    expect(world.service('reports')).toMatchObject({ status: 'DEGRADED', instances: [{ id: A }, { id: B }] });
    beatFor(world, 2, B);
    expect(world.service('reports')).toMatchObject({ status: 'UP', instances: [{ id: B }] });
  });

  it('while no other works is not', () => {
    const world = createWorld();
    beatFor(world, 1, A, B);
    world.pass(120_000);
    expect(world.service('reports')).toMatchObject({ status: 'DOWN', instances: [{ id: A }, { id: B }] });
  });

  it('that was forgotten and comes back is UP at once', () => {
    const world = createWorld({ rules: { forgetAfterMs: 0 } });
    beatFor(world, 1, A, B);
    beatFor(world, 6, B);
    expect(world.service('reports').instances).toMatchObject([{ id: B }]);
    world.beat({ instance: A });
    expect(world.service('reports')).toMatchObject({ status: 'UP', instances: [{ id: A }, { id: B }] });
  });
});

describe('a goodbye', () => {
  it('of the last instance of an expected service: DOWN', () => {
    const world = createWorld();
    world.beat();
    world.beat({ status: 'stopping' });
    world.pass(3_200);
    expect(world.service('reports')).toMatchObject({
      status: 'DOWN',
      reason: 'said goodbye 3.2 s ago',
      since: '2026-01-31T10:00:00.000Z',
      lastBeatAt: '2026-01-31T10:00:00.000Z',
      instances: [],
    });
    world.pass(20_000);
    expect(world.history('reports')).toStrictEqual(['UP', 'DOWN']);
  });

  it('of one of two: it is forgotten', () => {
    const world = createWorld();
    beatFor(world, 1, A, B);
    world.beat({ instance: A, status: 'stopping' });
    beatFor(world, 10, B);
    expect(world.history('reports')).toStrictEqual(['UP']);
    expect(world.service('reports').instances).toMatchObject([{ id: B }]);
  });

  it('of the last instance of a service that is not expected: it is removed', () => {
    const world = createWorld();
    world.beat({ service: 'probe' });
    expect(world.service('probe').status).toBe('UP');
    world.beat({ service: 'probe', status: 'stopping' });
    expect(world.snapshots.map(({ name }) => name)).not.toContain('probe');
  });

  it('of one never heard: an expected service is DOWN, another one is not listed', () => {
    const world = createWorld();
    world.beat({ status: 'stopping' });
    world.beat({ service: 'probe', status: 'stopping' });
    expect(world.service('reports')).toMatchObject({ status: 'DOWN', reason: 'said goodbye 0.0 s ago' });
    expect(world.snapshots).toHaveLength(4);
  });

  it('and then a beat of the next process: UP at once', () => {
    const world = createWorld();
    world.beat();
    world.beat({ status: 'stopping' });
    world.beat({ startedAt: RESTARTED_AT, sequence: 1 });
    expect(world.history('reports')).toStrictEqual(['UP', 'DOWN', 'UP']);
  });

  it('overtakes what the same process said before', () => {
    const world = createWorld();
    world.beat({ sequence: 1 });
    world.beat({ sequence: 3, status: 'stopping' });
    world.beat({ sequence: 2 });
    expect(world.service('reports').status).toBe('DOWN');
  });

  it('of the process before, come late, does not end the one that runs now', () => {
    const world = createWorld();
    world.beat({ sequence: 7 });
    world.beat({ startedAt: RESTARTED_AT, sequence: 1 });
    world.beat({ sequence: 8, status: 'stopping' });
    expect(world.service('reports')).toMatchObject({
      status: 'UP',
      instances: [{ startedAt: RESTARTED_AT }],
    });
  });
});

describe('a service that others have something against', () => {
  const against = (service: string) => ({
    service: 'gateway',
    instance: 'host:4000',
    others: [{ service, detail: 'its requests fail' }],
  });

  it('is DEGRADED for as long as they say so, and say it themselves', () => {
    const world = createWorld();
    world.beat();
    world.beat(against('reports'));
    expect(world.service('reports')).toMatchObject({
      status: 'DEGRADED',
      reason: 'gateway says: its requests fail; beats as promised, every 2.0 s',
      instances: [{ status: 'UP' }],
    });
    world.pass(INTERVAL_MS);
    world.beat();
    world.beat({ service: 'gateway', instance: 'host:4000' });
    expect(world.history('reports')).toStrictEqual(['UP', 'DEGRADED', 'UP']);
  });

  it('is what its own silence makes of it, whatever others say; who is down has nothing to say', () => {
    const world = createWorld();
    world.beat();
    world.beat(against('reports'));
    for (let beats = 2; beats < 8; beats += 1) {
      world.pass(INTERVAL_MS);
      world.beat(against('reports'));
    }
    expect(world.service('reports').status).toBe('DOWN');
    const other = createWorld();
    other.beat(against('reports'));
    for (let beats = 1; beats < 8; beats += 1) {
      other.beat();
      other.pass(INTERVAL_MS);
    }
    expect(other.service('gateway').status).toBe('DOWN');
    expect(other.service('reports').status).toBe('UP');
  });
});
