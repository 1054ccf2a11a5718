import type { Heartbeat } from '@seguridad-abc/contracts';
import { complaintsOf } from './complaints.js';
import type { Moment } from './moment.js';
import { BEATS_TO_RETURN, DOWN_AFTER, LATE_AFTER, type Rules } from './rules.js';
import { provenSilence, type Watch } from './watch.js';

export type Liveness = 'UNKNOWN' | 'UP' | 'LATE' | 'DOWN';

/** One process of a service, or the processes that follow one another in one place. */
export interface Instance {
  readonly id: string;
  /** Tells the process that runs here now from those before it; as it told it. */
  readonly startedAt: string;
  /** `startedAt` of the process that it took the place of: what still comes from that one is too late to count. */
  readonly replaced: string | undefined;
  /** Of the last beat that counted. */
  readonly sequence: number;
  readonly version: string;
  /** What it promised with its last beat. */
  readonly intervalMs: number;
  /** Monotonic. */
  readonly heardAt: number;
  /** Wall clock. */
  readonly lastBeatAt: number;
  readonly liveness: Liveness;
  /** How many beats it has sent of which each came in time after the one before. */
  readonly row: number;
  /** From when its silence is told; monotonic. Unlike what is judged, no restart of the watch shortens it. */
  readonly quietSince: number;
  /** How long the silence was that its last beat ended. */
  readonly endedSilenceMs: number;
  /** When it was last found down; monotonic. */
  readonly downAt: number;
  readonly complaints: readonly string[];
  /** What it has against other services. */
  readonly others: NonNullable<Heartbeat['others']>;
}

/** Whether a beat says something new: no repetition, nothing overtaken, nothing of the process before. */
export const isNews = (instance: Instance, beat: Heartbeat): boolean =>
  beat.startedAt === instance.startedAt
    ? beat.sequence > instance.sequence
    : beat.startedAt !== instance.replaced;

/** The instance after a beat; the first one of an instance unknown so far, where `before` is undefined. */
export function hearInstance(
  before: Instance | undefined,
  beat: Heartbeat,
  rules: Rules,
  now: Moment,
): Instance {
  const restarted = before !== undefined && before.startedAt !== beat.startedAt;
  const row = before !== undefined && !restarted && isInTime(before, now) ? before.row + 1 : 1;
  return {
    id: beat.instance,
    startedAt: beat.startedAt,
    replaced: restarted ? before.startedAt : before?.replaced,
    sequence: beat.sequence,
    version: beat.version,
    intervalMs: beat.intervalMs,
    heardAt: now.mono,
    lastBeatAt: now.wall,
    liveness: livenessAfterBeat(before?.liveness ?? 'UNKNOWN', row),
    row,
    quietSince: now.mono,
    endedSilenceMs: before === undefined ? 0 : now.mono - before.quietSince,
    downAt: before?.downAt ?? now.mono,
    complaints: complaintsOf(beat, rules),
    others: beat.others ?? [],
  };
}

const isInTime = (before: Instance, now: Moment): boolean =>
  now.mono - before.heardAt < LATE_AFTER * before.intervalMs;

/** What was never judged is taken at its word; what was found silent has to show that it is back. */
const livenessAfterBeat = (before: Liveness, row: number): Liveness =>
  before === 'UNKNOWN' || row >= BEATS_TO_RETURN ? 'UP' : before;

/** The instance after time has passed. */
export function judgeInstance(instance: Instance, watch: Watch, now: Moment): Instance {
  const { liveness, intervalMs, heardAt, quietSince } = instance;
  if (watch.blind) return { ...instance, liveness: 'UNKNOWN' };
  if (liveness === 'DOWN') return instance;
  const intervals = provenSilence(watch, heardAt) / intervalMs;
  if (liveness === 'LATE') {
    return intervals >= DOWN_AFTER ? { ...instance, liveness: 'DOWN', downAt: now.mono } : instance;
  }
  if (intervals < LATE_AFTER) return instance;
  return {
    ...instance,
    liveness: intervals >= DOWN_AFTER ? 'DOWN' : 'LATE',
    quietSince: Math.max(quietSince, watch.since),
    downAt: now.mono,
  };
}
