import type { Signal } from '@seguridad-abc/contracts';
import type { AlarmTableAccess } from '../alarms/alarm-repository.js';
import { runAll } from '../db/run-all.js';
import { reachesAlarm, type AlarmRecord } from '../domain/interval-evaluation.js';
import { END_OF_TIME, NO_READING, type ChangedEpisode } from '../readings/changed-episodes.js';
import { groupBy } from '../readings/group-by.js';
import type { EvaluationRun } from './evaluation-run.js';
import { createOrphanPool, type OrphanPool } from './orphan-pool.js';
import type { RuleContext } from './rule-context.js';

type StoredAlarms = Pick<AlarmTableAccess['alarms'], 'findByStart' | 'findByStarts'>;

/** Finds the stored alarms of episodes, with few statements. */
export async function findStoredAlarms(
  alarms: StoredAlarms,
  { opening, rules }: Pick<EvaluationRun, 'opening' | 'rules'>,
  changed: readonly ChangedEpisode[],
): Promise<Map<ChangedEpisode, readonly AlarmRecord[]>> {
  const found = new Map<ChangedEpisode, readonly AlarmRecord[]>();
  const bySubject = groupBy(changed, ({ subject }) => subject);
  await runAll(
    [...bySubject].map(async ([subject, episodes]) => {
      if (subject === 'LATE_OPENINGS') return;
      if (subject === 'SILENCE') {
        const alarmsOfSilences = await findStoredOfSilences(alarms, opening.id, episodes, rules);
        for (const [episode, ofSilence] of alarmsOfSilences) found.set(episode, ofSilence);
        return;
      }
      const byStart = groupBy(
        await findStoredOfSignal(alarms, opening.id, subject, episodes),
        ({ startKey }) => startKey,
      );
      for (const episode of episodes) {
        const ofKey = byStart.get(episode.startKey) ?? [];
        found.set(
          episode,
          ofKey.filter(({ startedAt }) => startedAt === episode.startedAt),
        );
      }
    }),
  );
  return found;
}

/** Most commands change one interval. SQLite looks up one start faster than a list. */
function findStoredOfSignal(
  alarms: StoredAlarms,
  openingId: number,
  signal: Signal,
  episodes: readonly ChangedEpisode[],
) {
  const starts = episodes.map(({ startedAt }) => startedAt);
  const [first = NO_READING] = starts;
  return starts.length === 1
    ? alarms.findByStart(openingId, signal, first, first)
    : alarms.findByStarts(openingId, signal, starts);
}

/** The alarm of a silence starts at the beginning of its rule, if that is later than the reading before the silence. */
async function findStoredOfSilences(
  alarms: StoredAlarms,
  openingId: number,
  episodes: readonly ChangedEpisode[],
  rules: Pick<RuleContext, 'getBeginning'>,
): Promise<Map<ChangedEpisode, readonly AlarmRecord[]>> {
  const getLastStart = ({ startedAt, present }: ChangedEpisode) =>
    present ? (present.endedAt ?? END_OF_TIME) - 1 : startedAt;
  const first = Math.min(...episodes.map(({ startedAt }) => startedAt));
  const last = Math.max(...episodes.map(getLastStart));
  const inSpan = await alarms.findByStart(openingId, 'SILENCE', first, last);
  const found = new Map<ChangedEpisode, AlarmRecord[]>();
  for (const episode of episodes) {
    const { startedAt, present } = episode;
    const ofSilence: AlarmRecord[] = [];
    for (const alarm of inSpan) {
      if (alarm.startedAt < startedAt || alarm.startedAt > getLastStart(episode)) continue;
      const beginning = await rules.getBeginning(alarm.ruleId);
      const isOfSilence = present
        ? alarm.startedAt === Math.max(startedAt, beginning)
        : beginning < alarm.startedAt;
      if (isOfSilence) ofSilence.push(alarm);
    }
    found.set(episode, ofSilence);
  }
  return found;
}

/** Collects the alarms that have lost their episode, or whose episode does not reach them any more. */
export function collectOrphans(
  changed: readonly ChangedEpisode[],
  storedByEpisode: ReadonlyMap<ChangedEpisode, readonly AlarmRecord[]>,
): OrphanPool {
  const pool = createOrphanPool();
  for (const episode of changed) {
    for (const alarm of storedByEpisode.get(episode) ?? []) {
      if (alarm.status === 'RETRACTED') continue;
      if (!episode.present || !reachesAlarm(episode.present, alarm)) pool.add(alarm, episode);
    }
  }
  return pool;
}
