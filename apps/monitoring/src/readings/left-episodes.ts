import { and, notExists, notInArray, sql } from 'drizzle-orm';
import { getDialect } from '../db/dialect.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { partialCommands } from '../db/postgres-schema.js';
import { createPreparedLimit } from '../db/prepared-columns.js';
import { getTables } from '../db/schema.js';
import { isPartialCommandAt } from './other-partial-commands.js';

/** An opening of which commands have left episodes that are not evaluated. */
export interface LeftOpening {
  readonly openingId: number;
  /** Undefined: the opening is erased meanwhile. */
  readonly userId: string | undefined;
}

/** @param except the openings of commands in progress of this process */
export type LeftOpeningFinder = (except: readonly number[]) => Promise<LeftOpening | undefined>;

/** @param reader a connection that sees what is committed */
export function createLeftOpeningFinder(reader: MonitoringDrizzle): LeftOpeningFinder {
  const { openings, unevaluatedEpisodes } = getTables(reader);
  const { openingId } = unevaluatedEpisodes;
  const userId = sql<
    string | null
  >`(select ${openings.userId} from ${openings} where ${openings.id} = ${openingId})`;
  // Another instance has a command in progress there.
  const isFree =
    getDialect(reader).name === 'sqlite'
      ? undefined
      : notExists(
          reader
            .select({ id: partialCommands.id })
            .from(partialCommands)
            .where(isPartialCommandAt(openingId)),
        );
  return async (except) => {
    const [found] = await reader
      .select({ openingId, userId })
      .from(unevaluatedEpisodes)
      .where(and(notInArray(openingId, [...except]), isFree))
      .limit(createPreparedLimit(1));
    return found && { openingId: found.openingId, userId: found.userId ?? undefined };
  };
}
