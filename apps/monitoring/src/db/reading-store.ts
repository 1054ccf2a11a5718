import { formatInstant, type SensorReading } from '@seguridad-abc/evaluation';
import type { ReadingStore } from '../commands/reading-store.js';
import type { Judge, Occasion } from '../judging/judge.js';
import { openingChange, takeEffect } from '../judging/watch.js';
import type { Append } from './append.js';
import type { Transact } from './group-commit.js';
import type { Records } from './records.js';

export interface ReadingStoreOptions {
  readonly records: Records;
  readonly judge: Judge;
  readonly append: Append;
  readonly transact: Transact;
  readonly now: () => string;
  /** Called after each commit that added to the log. */
  readonly appended: () => void;
}

/** Readings of one transaction, unless one opening has more: some 5 ms, for which everyone else waits. */
const PIECE = 100;

export function createReadingStore(options: ReadingStoreOptions): ReadingStore {
  const { records, judge, append, transact, now, appended } = options;

  /** @returns how many are new */
  const record = (userId: string, name: string, given: readonly SensorReading[], occasion: Occasion) => {
    const opening = records.openings.named(userId, name);
    const clock = Date.parse(occasion.now);
    const added = given.filter((reading) => records.readings.add(opening.id, reading, reading.at <= clock));
    if (added.length === 0) return 0;
    const effective = added.filter(({ at }) => at <= clock);
    const changes =
      effective.length > 0
        ? takeEffect(records, opening, effective)
        : { put: [], removed: [], state: opening.state, since: opening.since };
    const readings = added.map(({ id, state, at }) => ({ id, state, at: formatInstant(at) }));
    const data = { ...openingChange(opening, changes), readings };
    append({ type: 'ReadingsRecorded', version: 1, data }, occasion.now, occasion.actor);
    judge.changes(opening, changes, occasion);
    return added.length;
  };

  return {
    async record(caller, userId, byOpening) {
      const outcomes = await Promise.all(
        pieces(byOpening).map(async ({ openings, size }) => {
          const accepted = await transact(() => {
            const occasion = { now: now(), actor: caller };
            return openings.reduce((sum, [name, given]) => sum + record(userId, name, given, occasion), 0);
          }, size);
          if (accepted > 0) appended();
          return { accepted, duplicates: size - accepted };
        }),
      );
      return {
        accepted: outcomes.reduce((sum, { accepted }) => sum + accepted, 0),
        duplicates: outcomes.reduce((sum, { duplicates }) => sum + duplicates, 0),
      };
    },
  };
}

interface Piece {
  readonly openings: (readonly [name: string, given: readonly SensorReading[]])[];
  size: number;
}

/** Readings of different openings have nothing to do with one another, so that a large batch need not be done at once. */
function pieces(byOpening: ReadonlyMap<string, readonly SensorReading[]>): readonly Piece[] {
  const all: Piece[] = [];
  let last: Piece | undefined;
  for (const entry of byOpening) {
    if (!last || last.size + entry[1].length > PIECE) {
      last = { openings: [], size: 0 };
      all.push(last);
    }
    last.openings.push(entry);
    last.size += entry[1].length;
  }
  return all;
}
