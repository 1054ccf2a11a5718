import type { HealthReport } from '@seguridad-abc/contracts';
import { toInstant, type Moment } from './moment.js';

/** Intervals without a report over Redis after which the monitor is asked over HTTP. */
const ASK_AFTER = 2;
/** Intervals without a report by any way after which the monitor counts as gone. */
const SILENT_AFTER = 5;

export interface MirrorRules {
  /** Of the reports, until one says it itself. */
  readonly intervalMs: number;
  /** The services to speak of while nothing has been heard of any. */
  readonly expected: readonly string[];
}

/** What the gateway knows of everyone's health, by what the monitor reports. */
export interface Mirror {
  readonly rules: MirrorRules;
  readonly began: Moment;
  /** The last report that was applied. */
  readonly report: HealthReport | undefined;
  /** When the monitor was last heard, by any way. */
  readonly heardAt: number;
  readonly heardOverRedisAt: number;
  /** When the connection to Redis was last seen to be ready. */
  readonly redisReadyAt: number;
  /** When the monitor was last asked over HTTP. */
  readonly askedAt: number;
  readonly lookedAt: number;
  /**
   * `waiting`: nothing is known, and something may come any moment; `unheard`: nothing came; `hearing`: the report
   * holds; `silent`: the monitor was heard once, or was due to be, and is gone.
   */
  readonly phase: 'waiting' | 'unheard' | 'hearing' | 'silent';
  /** Of the last time that the monitor fell silent. */
  readonly silence: { readonly since: string; readonly ms: number } | undefined;
}

export const begin = (rules: MirrorRules, now: Moment): Mirror => ({
  rules,
  began: now,
  report: undefined,
  heardAt: now.mono,
  heardOverRedisAt: now.mono,
  redisReadyAt: now.mono,
  askedAt: -Infinity,
  lookedAt: now.mono,
  phase: 'waiting',
  silence: undefined,
});

export const intervalOf = ({ report, rules }: Mirror): number => report?.intervalMs ?? rules.intervalMs;

/**
 * A report came. Every one is a sign of life; within a run of the monitor only a later one than the last is applied,
 * since the two ways do not keep an order between them. Another run replaces what the one before has said.
 */
export function hear(mirror: Mirror, report: HealthReport, way: 'redis' | 'http', now: Moment): Mirror {
  const last = mirror.report;
  const isOlder = last?.run === report.run && report.sequence <= last.sequence;
  return {
    ...mirror,
    report: isOlder ? last : report,
    heardAt: now.mono,
    heardOverRedisAt: way === 'redis' ? now.mono : mirror.heardOverRedisAt,
    phase: 'hearing',
  };
}

/**
 * Time has passed. To be called several times an interval: a longer pause is one of this process, in which it could
 * hear nobody, so that the monitor gets all its intervals again.
 */
export function look(mirror: Mirror, redisReady: boolean, now: Moment): Mirror {
  const intervalMs = intervalOf(mirror);
  const paused = now.mono - mirror.lookedAt > intervalMs;
  const looked: Mirror = {
    ...mirror,
    lookedAt: now.mono,
    redisReadyAt: redisReady || paused ? now.mono : mirror.redisReadyAt,
    ...(paused && { heardAt: now.mono, heardOverRedisAt: now.mono }),
  };
  const ms = now.mono - looked.heardAt;
  if (looked.phase !== 'silent' && ms >= SILENT_AFTER * intervalMs) {
    return { ...looked, phase: 'silent', silence: { since: toInstant(now), ms } };
  }
  if (looked.phase === 'waiting' && now.mono - looked.began.mono >= intervalMs) {
    return { ...looked, phase: 'unheard' };
  }
  return looked;
}

/** Whether the monitor is to be asked over HTTP now: at once at first, then each interval while Redis brings nothing. */
export function isToBeAsked(mirror: Mirror, now: Moment): boolean {
  if (mirror.askedAt === -Infinity) return true;
  const intervalMs = intervalOf(mirror);
  const unheard = now.mono - mirror.heardOverRedisAt >= ASK_AFTER * intervalMs;
  const redisAway = now.mono - mirror.redisReadyAt >= intervalMs;
  return (unheard || redisAway) && now.mono - mirror.askedAt >= intervalMs;
}

export const asked = (mirror: Mirror, now: Moment): Mirror => ({ ...mirror, askedAt: now.mono });
