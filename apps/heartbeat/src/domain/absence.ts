import { DOWN_AFTER, type Rules } from './rules.js';
import { provenSilence, type Restart, type Watch } from './watch.js';

/** What is thought of a service of which no process is known. */
export interface Absence {
  readonly status: 'UNKNOWN' | 'DOWN';
  /** From when its silence is told, and what that moment was; monotonic. */
  readonly since: number;
  readonly restartedBy: Restart;
}

export const newAbsence = ({ since, restartedBy }: Watch): Absence => ({
  status: 'UNKNOWN',
  since,
  restartedBy,
});

/** Its silence counts by the monitor's own interval; once DOWN it stays so until it is heard, or nobody could be. */
export function judgeAbsence(absence: Absence, rules: Rules, watch: Watch): Absence {
  if (watch.blind) return newAbsence(watch);
  if (absence.status === 'DOWN') return absence;
  const { since, restartedBy } = watch;
  const silent = provenSilence(watch, since) >= DOWN_AFTER * rules.intervalMs;
  return { status: silent ? 'DOWN' : 'UNKNOWN', since, restartedBy };
}
