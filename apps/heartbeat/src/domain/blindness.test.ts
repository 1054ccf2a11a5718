import { describe, expect, it } from 'vitest';
import { answered } from './monitor.js';
import { createWorld, INTERVAL_MS, type World } from '../testing/world.js';

const expectAll = (world: World, status: string, reason: RegExp) => {
  for (const service of world.snapshots) {
    expect(service).toMatchObject({ status, reason: expect.stringMatching(reason) as unknown });
  }
};

describe('while Redis is away', () => {
  it('silence proves nothing: no service is LATE', () => {
    const world = createWorld();
    world.beat();
    world.pass(1_800);
    expect(world.service('reports').status).toBe('UP');
    world.pass(1_800, 'away');
    expect(world.service('reports').status).toBe('UP');
  });

  it('for an interval, every service and instance is UNKNOWN for that reason', () => {
    const world = createWorld();
    world.beat();
    world.pass(INTERVAL_MS, 'away');
    expectAll(world, 'UNKNOWN', /^Redis has been away for 2\.0 s: beats cannot be heard$/);
    expect(world.service('reports').instances).toMatchObject([{ status: 'UNKNOWN' }]);
    world.pass(600_000, 'away');
    expectAll(world, 'UNKNOWN', /^Redis has been away for 10 min 2 s: beats cannot be heard$/);
  });

  it('from the start, every service is UNKNOWN for that reason', () => {
    const world = createWorld({ redis: 'away' });
    expectAll(world, 'UNKNOWN', /^not judged yet: no beat in the 0\.0 s since the watch began$/);
    world.pass(30_000, 'away');
    expectAll(world, 'UNKNOWN', /^Redis has been away for 30\.0 s: beats cannot be heard$/);
  });

  it('a service that was DOWN is UNKNOWN as well', () => {
    const world = createWorld();
    world.beat();
    world.pass(12_000);
    world.pass(INTERVAL_MS, 'away');
    expect(world.history('reports')).toStrictEqual(['UP', 'LATE', 'DOWN', 'UNKNOWN']);
    expect(world.history('gateway')).toStrictEqual(['DOWN', 'UNKNOWN']);
  });

  it('a late answer to an old question does not end the blindness', () => {
    const world = createWorld();
    const askedAt = world.now.mono;
    world.pass(INTERVAL_MS, 'away');
    world.input(answered(askedAt));
    expectAll(world, 'UNKNOWN', /^Redis has been away/);
  });

  it('a beat that was on its way is no sign of life yet', () => {
    const world = createWorld();
    world.beat();
    world.pass(INTERVAL_MS, 'away');
    world.beat();
    world.pass(0);
    expect(world.service('reports').status).toBe('UNKNOWN');
    world.input(answered(world.now.mono));
    expect(world.service('reports').status).toBe('UNKNOWN');
    world.beat();
    expect(world.service('reports').status).toBe('UP');
  });
});

describe('when Redis is back', () => {
  const back = () => {
    const world = createWorld();
    world.beat();
    world.pass(7_000, 'away');
    world.input(answered(world.now.mono));
    return world;
  };

  it('a service is UNKNOWN until it beats, and UP with the first beat', () => {
    const world = back();
    world.pass(3_800);
    expect(world.service('reports')).toMatchObject({
      status: 'UNKNOWN',
      reason: 'not judged yet: no beat in the 3.8 s since Redis came back',
    });
    world.beat();
    expect(world.history('reports')).toStrictEqual(['UP', 'UNKNOWN', 'UP']);
  });

  it('a silent one has all its intervals before it is LATE and DOWN', () => {
    const world = back();
    world.pass(3_800);
    expect(world.service('reports').status).toBe('UNKNOWN');
    world.pass(200);
    expect(world.service('reports')).toMatchObject({
      status: 'LATE',
      reason: 'late 2.0 s; a beat every 2.0 s is due',
    });
    world.pass(5_800);
    expect(world.service('reports').status).toBe('LATE');
    world.pass(200);
    expect(world.service('reports')).toMatchObject({
      status: 'DOWN',
      reason: 'no beat for 10.0 s; a beat every 2.0 s is due',
    });
    expect(world.service('gateway')).toMatchObject({
      status: 'DOWN',
      reason: 'no beat in the 10.0 s since Redis came back',
    });
  });

  it('one that had said goodbye may have come back unheard', () => {
    const world = createWorld();
    world.beat();
    world.beat({ status: 'stopping' });
    world.pass(2_000, 'away');
    world.input(answered(world.now.mono));
    world.pass(9_800);
    expect(world.service('reports').status).toBe('UNKNOWN');
    world.pass(200);
    expect(world.service('reports')).toMatchObject({ status: 'DOWN', reason: 'said goodbye 12.0 s ago' });
  });
});

describe('a connection lost for less than an interval', () => {
  it('changes no status', () => {
    const world = createWorld();
    world.beat();
    world.pass(1_800);
    world.disconnect();
    world.pass(1_600, 'away');
    world.pass(1_800);
    expect(world.history('reports')).toStrictEqual(['UP']);
    expect(world.history('gateway')).toStrictEqual([]);
  });

  it('is what a service not judged yet waits from', () => {
    const world = createWorld();
    world.pass(3_800);
    world.disconnect();
    world.pass(1_200);
    expect(world.service('gateway').reason).toBe(
      'not judged yet: no beat in the 1.0 s since Redis came back',
    );
  });

  it('gives services their intervals anew, since beats may have been lost', () => {
    const world = createWorld();
    world.beat();
    world.pass(3_800);
    world.disconnect();
    world.pass(200);
    expect(world.service('reports').status).toBe('UP');
    world.pass(3_800);
    expect(world.service('reports').status).toBe('UP');
    world.pass(200);
    expect(world.service('reports')).toMatchObject({
      status: 'LATE',
      reason: 'late 2.0 s; a beat every 2.0 s is due',
    });
  });

  it('does not shorten the silence that is told of one already found silent', () => {
    const world = createWorld();
    world.beat();
    world.pass(12_000);
    world.disconnect();
    world.pass(200);
    expect(world.service('reports')).toMatchObject({
      status: 'DOWN',
      reason: 'no beat for 12.2 s; a beat every 2.0 s is due',
    });
    expect(world.service('gateway')).toMatchObject({
      status: 'DOWN',
      reason: 'no beat in the 12.2 s since the watch began',
    });
  });
});

describe('after a pause of the monitor itself', () => {
  it('services have their intervals anew', () => {
    const world = createWorld();
    world.beat();
    world.freeze(60_000);
    world.pass(3_800);
    expect(world.history('reports')).toStrictEqual(['UP']);
    world.pass(400);
    expect(world.history('reports')).toStrictEqual(['UP', 'LATE']);
  });

  it('Redis is not said to have been away', () => {
    const world = createWorld();
    world.freeze(60_000);
    world.pass(200);
    expectAll(
      world,
      'UNKNOWN',
      /^not judged yet: no beat in the 0\.0 s since the monitor went on after a pause$/,
    );
  });

  it('noticed by a beat, nothing else changes', () => {
    const world = createWorld();
    world.beat();
    world.freeze(60_000);
    world.beat();
    world.pass(3_800);
    expect(world.history('reports')).toStrictEqual(['UP']);
  });

  it('of less than an interval, nothing changes', () => {
    const world = createWorld();
    world.beat();
    world.pass(2_200);
    world.freeze(1_600);
    world.pass(200);
    expect(world.service('reports').status).toBe('LATE');
  });

  it('blindness goes on', () => {
    const world = createWorld();
    world.pass(4_000, 'away');
    world.freeze(60_000);
    world.pass(200, 'away');
    expect(world.state.watch.blind).toBe(true);
    world.pass(200);
    expect(world.state.watch.blind).toBe(false);
  });
});

describe('the wall clock', () => {
  it.each([3_600_000, -3_600_000])('set by %i ms, changes no status', (ms) => {
    const world = createWorld();
    world.beat();
    world.setClock(ms);
    world.pass(3_800);
    expect(world.history('reports')).toStrictEqual(['UP']);
    world.pass(200);
    expect(world.service('reports')).toMatchObject({
      status: 'LATE',
      reason: 'late 2.0 s; a beat every 2.0 s is due',
    });
  });
});
