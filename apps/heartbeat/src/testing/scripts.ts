import type { Heartbeat } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { answered, hear, tick } from '../domain/monitor.js';
import { aBeat, RESTARTED_AT, STARTED_AT } from './beat.js';
import { INTERVAL_MS, type World } from './world.js';

/** One thing that happens to a monitor. */
export type Step =
  | { readonly do: 'pass'; readonly ms: number; readonly redis: 'there' | 'away' }
  | { readonly do: 'beat'; readonly beat: Heartbeat }
  | { readonly do: 'freeze'; readonly ms: number }
  | { readonly do: 'disconnect' }
  | { readonly do: 'answer'; readonly ageMs: number }
  | { readonly do: 'clock'; readonly ms: number };

const beats: fc.Arbitrary<Heartbeat> = fc
  .record({
    service: fc.constantFrom('reports', 'gateway', 'probe'),
    instance: fc.constantFrom('a', 'b'),
    startedAt: fc.constantFrom(STARTED_AT, STARTED_AT, STARTED_AT, RESTARTED_AT),
    sequence: fc.integer({ min: 1, max: 60 }),
    intervalMs: fc.constantFrom(INTERVAL_MS, INTERVAL_MS, 500),
    status: fc.constantFrom('ok', 'ok', 'ok', 'ok', 'error', 'stopping'),
    loopDelayMs: fc.constantFrom(1, 1, 1, 900),
  })
  .map((fields) => aBeat(fields as Partial<Heartbeat>));

const length = fc.integer({ min: 1, max: 6 * INTERVAL_MS });

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: length,
      redis: fc.constant('there' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: length,
      redis: fc.constant('away' as const),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('beat' as const), beat: beats }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('freeze' as const), ms: length }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'disconnect' }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('answer' as const), ageMs: length }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('clock' as const),
      ms: fc.integer({ min: -86_400_000, max: 86_400_000 }),
    }),
  },
);

/** What may happen to a monitor, in any order. */
export const scripts: fc.Arbitrary<Step[]> = fc.array(steps, { maxLength: 40 });

export function play(world: World, script: readonly Step[]): void {
  for (const step of script) {
    switch (step.do) {
      case 'pass':
        world.pass(step.ms, step.redis);
        break;
      case 'beat':
        world.input(hear(step.beat));
        break;
      case 'freeze':
        world.freeze(step.ms);
        world.input(tick);
        break;
      case 'disconnect':
        world.disconnect();
        break;
      case 'answer':
        world.input(answered(world.now.mono - step.ageMs));
        break;
      case 'clock':
        world.setClock(step.ms);
        break;
    }
  }
}
