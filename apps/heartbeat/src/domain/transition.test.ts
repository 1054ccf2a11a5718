import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { play, scripts } from '../testing/scripts.js';
import { createWorld, INTERVAL_MS } from '../testing/world.js';
import { DOWN_AFTER } from './rules.js';

const of = (world: ReturnType<typeof createWorld>, name: string) =>
  world.transitions.filter(({ service }) => service === name);

describe('the history', () => {
  it('tells each change of a status with its reason', () => {
    const world = createWorld();
    world.beat();
    world.pass(5 * INTERVAL_MS);
    expect(of(world, 'reports')).toMatchObject([
      { from: 'UNKNOWN', to: 'UP', reason: 'beats as promised, every 2.0 s' },
      { from: 'UP', to: 'LATE', reason: 'late 2.0 s; a beat every 2.0 s is due' },
      { from: 'LATE', to: 'DOWN', reason: 'no beat for 10.0 s; a beat every 2.0 s is due' },
    ]);
  });

  it('of one that nobody expects ends with its goodbye', () => {
    const world = createWorld();
    world.beat({ service: 'probe' });
    world.beat({ service: 'probe', status: 'stopping' });
    expect(of(world, 'probe').at(-1)).toMatchObject({
      from: 'UP',
      to: 'UNKNOWN',
      reason: 'it said goodbye and is not expected: no longer watched',
    });
  });

  it('has a long pause of the monitor as time in which nobody watched', () => {
    const world = createWorld();
    world.beat();
    const began = world.now.wall;
    world.freeze(DOWN_AFTER * INTERVAL_MS);
    world.pass(200);
    expect(of(world, 'reports').slice(1)).toMatchObject([
      { from: 'UP', to: 'UNKNOWN', at: began },
      { from: 'UNKNOWN', to: 'UP' },
    ]);
    expect(world.service('reports').status).toBe('UP');
  });

  it('is a chain that ends with what is, whatever happens', () => {
    fc.assert(
      fc.property(scripts, (script) => {
        const world = createWorld();
        play(world, script);
        const names = new Set(world.transitions.map(({ service }) => service));
        for (const name of names) {
          const own = of(world, name);
          own.forEach(({ from }, index) => expect(from).toBe(own[index - 1]?.to ?? 'UNKNOWN'));
          const present = world.state.services.find((service) => service.name === name);
          expect(own.at(-1)?.to).toBe(present?.status ?? 'UNKNOWN');
        }
      }),
      { numRuns: 300 },
    );
  });
});
