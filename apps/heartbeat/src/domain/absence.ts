import { DOWN_AFTER } from './rules.js';
import { provenSilence, type Restart, type Watch } from './watch.js';

/** What is thought of a service of which no process is known. */
export interface Absence {
  readonly status: 'UNKNOWN' | 'DOWN';
  /** From when its silence is told, and what that moment was; monotonic. */
  readonly since: number;
  readonly restartedBy: Restart;
  /** By which its silence counts: the monitor's own, or a longer one that it promised in an earlier run. */
  readonly intervalMs: number;
}

export const newAbsence = ({ since, restartedBy }: Watch, intervalMs: number): Absence => ({
  status: 'UNKNOWN',
  since,
  restartedBy,
  intervalMs,
});

/** Once DOWN it stays so until it is heard, or nobody could be. */
export function judgeAbsence(absence: Absence, watch: Watch): Absence {
  const { intervalMs } = absence;
  if (watch.blind) return newAbsence(watch, intervalMs);
  if (absence.status === 'DOWN') return absence;
  const { since, restartedBy } = watch;
  const silent = provenSilence(watch, since) >= DOWN_AFTER * intervalMs;
  return { status: silent ? 'DOWN' : 'UNKNOWN', since, restartedBy, intervalMs };
}
