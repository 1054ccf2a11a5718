import { serviceHealthSnapshotSchema } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createWorld, INTERVAL_MS, RULES, TICK_MS } from '../testing/world.js';
import { play, scripts, type Step } from '../testing/scripts.js';
import { toInstant } from './moment.js';
import { answered, hear, tick, type MonitorState } from './monitor.js';
import { aBeat } from '../testing/beat.js';
import { snapshot } from './snapshot.js';

const forEvery = <T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => void) =>
  fc.assert(fc.property(arbitrary, check), { numRuns: 300 });

const instancesOf = (state: MonitorState) =>
  state.services.flatMap((service) =>
    service.instances.map((instance) => ({ ...instance, key: `${service.name} ${instance.id}` })),
  );

describe('whatever happens', () => {
  it('every expected service is listed, each once and by name, as the contract has it', () => {
    forEvery(scripts, (script) => {
      const world = createWorld();
      play(world, script);
      const services = z.array(serviceHealthSnapshotSchema).parse(world.snapshots);
      const names = services.map(({ name }) => name);
      expect(names).toStrictEqual([...new Set(names)].sort());
      expect(names).toStrictEqual(expect.arrayContaining([...RULES.expected]));
    });
  });

  it('a blind monitor calls every service and instance UNKNOWN', () => {
    forEvery(scripts, (script) => {
      const observe = (_before: MonitorState, after: MonitorState) => {
        if (!after.watch.blind) return;
        const statuses = [
          ...after.services.map(({ status }) => status),
          ...instancesOf(after).map((i) => i.liveness),
        ];
        expect(new Set(statuses)).toStrictEqual(new Set(['UNKNOWN']));
      };
      play(createWorld({ observe }), script);
    });
  });

  it('nobody becomes LATE or DOWN without 2 or 5 intervals of proven silence, none of it while beats could be lost', () => {
    forEvery(scripts, (script) => {
      let provenUntil = -Infinity;
      let lastInput = -Infinity;
      let deafUntil = -Infinity;
      const world = createWorld({
        observe(before, after, { mono }) {
          provenUntil = Math.max(provenUntil, after.watch.seenUntil);
          const wasPaused = mono - lastInput >= INTERVAL_MS;
          const wasBlind = before.watch.blind || after.watch.blind;
          if (wasPaused || wasBlind || (after.watch.interrupted && !before.watch.interrupted))
            deafUntil = mono;
          lastInput = mono;
          const known = new Map(instancesOf(before).map(({ key, liveness }) => [key, liveness]));
          for (const { key, liveness, heardAt, intervalMs } of instancesOf(after)) {
            if (liveness === known.get(key) || !(liveness === 'LATE' || liveness === 'DOWN')) continue;
            const silence = provenUntil - Math.max(heardAt, deafUntil);
            expect(silence).toBeGreaterThanOrEqual((liveness === 'LATE' ? 2 : 5) * intervalMs);
          }
        },
      });
      play(world, script);
    });
  });

  it('a service is as its instances are', () => {
    const table = (statuses: readonly string[]) => {
      if (statuses.some((status) => status === 'UP' || status === 'DEGRADED')) {
        return statuses.every((status) => status === 'UP' || status === 'UNKNOWN') ? 'UP' : 'DEGRADED';
      }
      return ['UNKNOWN', 'LATE', 'DOWN'].find((status) => statuses.includes(status));
    };
    forEvery(scripts, (script) => {
      const observe = (_before: MonitorState, after: MonitorState, now: { mono: number; wall: number }) => {
        for (const { status, instances } of snapshot(after, now)) {
          if (instances.length > 0) expect(status).toBe(table(instances.map((instance) => instance.status)));
        }
      };
      play(createWorld({ observe }), script);
    });
  });

  it('a status begins when it changes, and not otherwise', () => {
    forEvery(scripts, (script) => {
      const world = createWorld({
        observe(before, after, { wall }) {
          for (const service of after.services) {
            const known = before.services.find(({ name }) => name === service.name);
            if (known?.status === service.status) expect(service.since).toBe(known.since);
            else expect(toInstant(service.since)).toBe(toInstant(wall));
          }
        },
      });
      play(world, script);
    });
  });

  it('the wall clock decides nothing', () => {
    forEvery(scripts, (script) => {
      const [jumping, steady] = [createWorld(), createWorld()];
      play(jumping, script);
      play(
        steady,
        script.filter((step) => step.do !== 'clock'),
      );
      for (const { name } of steady.state.services)
        expect(jumping.history(name)).toStrictEqual(steady.history(name));
      expect(jumping.snapshots.map(({ reason }) => reason)).toStrictEqual(
        steady.snapshots.map(({ reason }) => reason),
      );
    });
  });

  it('a beat that comes twice counts once', () => {
    forEvery(scripts, (script) => {
      const [once, twice] = [createWorld(), createWorld()];
      play(once, script);
      play(
        twice,
        script.flatMap((step): Step[] => (step.do === 'beat' ? [step, step] : [step])),
      );
      expect(twice.state).toStrictEqual(once.state);
    });
  });

  it('looking again at the same moment changes nothing', () => {
    forEvery(scripts, (script) => {
      const world = createWorld();
      play(world, script);
      const once = tick(world.state, world.now);
      expect(tick(once, world.now)).toStrictEqual(once);
    });
  });
});

describe('while Redis answers', () => {
  /** How late each beat comes after the moment promised, in parts of an interval. */
  const delays = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 30 });

  const beatWithDelays = (parts: readonly number[]) => {
    const world = createWorld();
    const begun = world.now.mono;
    parts.forEach((part, n) => {
      world.pass(begun + (n + part) * INTERVAL_MS - world.now.mono);
      world.input(hear(aBeat({ sequence: n + 1 })));
    });
    return world;
  };

  it('beats less than an interval late never make a service LATE', () => {
    forEvery(delays, (parts) => {
      expect(beatWithDelays(parts).history('reports')).toStrictEqual(['UP']);
    });
  });

  it('silence makes it LATE, then DOWN, one tick after the intervals at the latest', () => {
    forEvery(delays, (parts) => {
      const world = beatWithDelays(parts);
      const silentSince = world.now.mono;
      world.pass(5 * INTERVAL_MS + TICK_MS);
      expect(world.history('reports')).toStrictEqual(['UP', 'LATE', 'DOWN']);
      const { downAt } = world.state.services.find(({ name }) => name === 'reports')!.instances[0]!;
      expect(downAt - silentSince).toBeGreaterThanOrEqual(5 * INTERVAL_MS);
      expect(downAt - silentSince).toBeLessThanOrEqual(5 * INTERVAL_MS + TICK_MS);
    });
  });

  it('answers in whatever order say no more than the youngest question', () => {
    forEvery(fc.array(fc.integer({ min: 0, max: INTERVAL_MS - 1 }), { minLength: 1 }), (ages) => {
      const world = createWorld();
      world.pass(INTERVAL_MS);
      for (const age of ages) world.input(answered(world.now.mono - age));
      expect(world.state.watch.seenUntil).toBe(world.now.mono);
    });
  });
});
