import { SIGNALS, type Signal } from '@seguridad-abc/contracts';
import type { RuleVersion } from '@seguridad-abc/evaluation';
import { runAll } from '../db/run-all.js';
import { END_OF_TIME, NO_READING, type ChangedEpisode } from '../readings/changed-episodes.js';
import type { OpeningRecord, OpeningTableAccess } from '../readings/opening-tables.js';
import { watchesSilence, watchesSubject } from './watched-conditions.js';

type EpisodeTables = Pick<OpeningTableAccess, 'intervals' | 'readings'>;

/** Intervals of a signal that one transaction evaluates under a changed rule, so that other commands wait about 30 ms. */
export const REEVALUATION_BATCH_SIZE = 50;
/** Silences that one transaction looks at under a changed rule: most are too short to be evaluated. */
const SILENCE_BATCH_SIZE = 500;

/** Lists the intervals that have not ended. */
export async function listPresentIntervals(
  { intervals }: EpisodeTables,
  opening: OpeningRecord,
): Promise<ChangedEpisode[]> {
  const found = await runAll(
    SIGNALS.filter((signal) => isSignalPresent(opening, signal)).map(async (signal) => {
      const last = await intervals.findLastBefore(opening.id, signal, END_OF_TIME);
      if (last?.endedAt !== null) return [];
      const { startId, startedAt } = last;
      return [{ subject: signal, startKey: startId, startedAt, present: { endedAt: null }, isStored: false }];
    }),
  );
  return found.flat();
}

/**
 * Lists some episodes of the past that a rule watches, from an instant on: intervals, and silences that are long enough.
 * @param includesBefore whether to include what starts before that instant and lasts longer
 * @returns the episodes in no order, and where they end; later ones are listed next time
 */
export async function listPastEpisodes(
  { intervals, readings }: EpisodeTables,
  openingId: number,
  ofRule: readonly RuleVersion[],
  from: number,
  includesBefore: boolean,
): Promise<{ readonly episodes: readonly ChangedEpisode[]; readonly until: number }> {
  const episodes: ChangedEpisode[] = [];
  let until = Infinity;
  const signals = SIGNALS.filter((signal) => watchesSubject(ofRule, signal));
  for (const signal of signals) {
    const [found, last] = await runAll([
      intervals.findFrom(openingId, signal, from, REEVALUATION_BATCH_SIZE + 1),
      includesBefore ? intervals.findLastBefore(openingId, signal, from) : undefined,
    ]);
    until = Math.min(until, found[REEVALUATION_BATCH_SIZE]?.startedAt ?? Infinity);
    const containing = last && (last.endedAt === null || last.endedAt > from) ? [last] : [];
    for (const { startId, startedAt, endedAt } of [...containing, ...found])
      episodes.push({
        subject: signal,
        startKey: startId,
        startedAt,
        present: { endedAt },
        isStored: false,
      });
  }
  if (ofRule.some(watchesSilence)) {
    const heard = await readings.listHeardFrom(openingId, from, SILENCE_BATCH_SIZE + 1);
    until = Math.min(until, heard[SILENCE_BATCH_SIZE] ?? Infinity);
    const before = includesBefore ? [(await readings.findHeardBefore(openingId, from)) ?? NO_READING] : [];
    const starts = [...before, ...heard];
    const shortestMs = Math.min(...ofRule.map((one) => one.silentAfterSeconds ?? Infinity)) * 1_000;
    starts.forEach((startedAt, index) => {
      const endedAt = starts[index + 1] ?? null;
      if (endedAt !== null && endedAt - startedAt < shortestMs) return;
      const startKey = String(startedAt);
      episodes.push({ subject: 'SILENCE', startKey, startedAt, present: { endedAt }, isStored: false });
    });
  }
  return { episodes, until };
}

function isSignalPresent({ state, tampered, batteryLow }: OpeningRecord, signal: Signal): boolean {
  switch (signal) {
    case 'OPEN':
      return state === 'OPEN';
    case 'TAMPERED':
      return tampered === true;
    case 'BATTERY_LOW':
      return batteryLow === true;
  }
}
