import type { SeededRandom } from '../../shared/seeded-random.js';

export const REQUEST_KINDS = ['queries', 'commands', 'readings'] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

/** The relative frequency of each kind. At least one is greater than 0. */
export type RequestMix = Readonly<Record<RequestKind, number>>;

/** A request of an open-loop load: it is due at its instant, whether earlier requests have been answered or not. */
export interface ScheduledRequest {
  readonly kind: RequestKind;
  /** Milliseconds since the start of the load. */
  readonly dueMs: number;
}

/**
 * Parses a mix such as `queries=80,commands=15,readings=5`. A kind that is not named is not sent.
 * @returns undefined if the text is no mix
 */
export function parseRequestMix(text: string): RequestMix | undefined {
  const mix = { queries: 0, commands: 0, readings: 0 };
  for (const part of text.split(',')) {
    const [, name = '', weight = ''] = /^([a-z]+)=(\d{1,6})$/.exec(part.trim()) ?? [];
    if (!(name in mix)) return undefined;
    mix[name as RequestKind] = Number(weight);
  }
  return getTotalWeight(mix) > 0 ? mix : undefined;
}

/**
 * Schedules requests at equal distances, with kinds in random order.
 * @param rate requests per second
 */
export function scheduleRequests(
  rate: number,
  seconds: number,
  mix: RequestMix,
  random: SeededRandom,
): ScheduledRequest[] {
  return Array.from({ length: Math.round(rate * seconds) }, (_, index) => ({
    kind: pickKind(mix, random),
    dueMs: (index * 1_000) / rate,
  }));
}

function pickKind(mix: RequestMix, random: SeededRandom): RequestKind {
  let remaining = random.nextInt(getTotalWeight(mix));
  return REQUEST_KINDS.find((kind) => (remaining -= mix[kind]) < 0) ?? 'queries';
}

const getTotalWeight = (mix: RequestMix): number => REQUEST_KINDS.reduce((sum, kind) => sum + mix[kind], 0);
