import { createSeededRandom } from '@seguridad-abc/cli';
import type { ServiceName } from '../harness/test-platform.js';
import { getFault, type FaultName } from './faults.js';

/** A fault with all that chance decides. */
export interface ScheduledFault {
  readonly name: FaultName;
  readonly target: ServiceName | undefined;
  /** When it begins, in ms after the begin of its step. */
  readonly delayMs: number;
  readonly durationMs: number;
}

/** Faults that run together. The next step begins when the installation has healed. */
export interface FaultStep {
  /** Time without a fault before the step, in ms. */
  readonly pauseMs: number;
  readonly faults: readonly ScheduledFault[];
}

const MIN_PAUSE_MS = 500;
const MAX_PAUSE_MS = 2_500;
const MAX_MIX_DELAY_MS = 3_000;
/** Every third step mixes two faults, once each fault has come alone. */
const MIX_PERIOD = 3;

/**
 * Schedules steps of faults. The same seed and names give the same steps. Each fault first comes alone, in random order; then
 * single faults and pairs follow.
 * @param names at least one
 */
export function scheduleFaults(seed: number, names: readonly FaultName[], stepCount: number): FaultStep[] {
  const random = createSeededRandom(seed);
  const pickBetween = (min: number, max: number) => min + random.nextInt(max - min + 1);
  const pick = <Item>(items: readonly Item[]): Item | undefined => items[random.nextInt(items.length)];
  const createFault = (name: FaultName, delayMs: number): ScheduledFault => {
    const { targets, minMs, maxMs } = getFault(name);
    return { name, target: pick(targets), delayMs, durationMs: pickBetween(minMs, maxMs) };
  };
  const shuffle = () => {
    const rest = [...names];
    return names.flatMap(() => rest.splice(random.nextInt(rest.length), 1));
  };

  const steps: FaultStep[] = [];
  let waiting: FaultName[] = [];
  for (let index = 0; index < stepCount; index += 1) {
    if (waiting.length === 0) waiting = shuffle();
    const name = waiting.shift();
    if (name === undefined) break;
    const isMix = index >= names.length && index % MIX_PERIOD === 0;
    const partner = isMix ? pick(names.filter((other) => canMix(name, other))) : undefined;
    const pauseMs = pickBetween(MIN_PAUSE_MS, MAX_PAUSE_MS);
    const faults = [createFault(name, 0)];
    if (partner !== undefined) faults.push(createFault(partner, pickBetween(0, MAX_MIX_DELAY_MS)));
    steps.push({ pauseMs, faults });
  }
  return steps;
}

/** Whether two faults can run at the same time and still have a meaning. */
export function canMix(one: FaultName, other: FaultName): boolean {
  const [first, second] = [getFault(one).resource, getFault(other).resource];
  return first !== undefined && second !== undefined && first !== second;
}

/** A fault in one line: `hang of reports for 7.4 s`. */
export const describeFault = ({
  name,
  target,
  durationMs,
}: Pick<ScheduledFault, 'name' | 'target' | 'durationMs'>): string =>
  [
    name,
    ...(target === undefined ? [] : [`of ${target}`]),
    ...(durationMs > 0 ? [`for ${(durationMs / 1_000).toFixed(1)} s`] : []),
  ].join(' ');
