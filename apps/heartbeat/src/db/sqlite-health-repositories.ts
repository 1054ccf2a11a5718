import { formatInstant, type MaintenanceRecord } from '@seguridad-abc/contracts';
import { buildIsOneOfSql, runAsPromise } from '@seguridad-abc/platform';
import { and, asc, desc, eq, gte, inArray, lt, lte, max, sql, type SQL } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import type { HealthTransition } from '../domain/health-transitions.js';
import { parseTransitionId } from '../domain/transition-id.js';
import { type HeartbeatDrizzle } from './heartbeat-database.js';
import type {
  HealthHistoryRepository,
  MaintenanceRepository,
  TransitionsByService,
} from './health-repositories.js';
import { maintenancePeriods, savedHealth, transitions } from './schema.js';

/** The id of the only row. */
const SAVED_HEALTH_ROW_ID = 1;

/** The table once more, for subqueries. */
const inner = alias(transitions, 'inner_transitions');

const { service, from, to, at, reason } = transitions;
const TRANSITION_COLUMNS = { service, from, to, at, reason };

/** Transactions run synchronously: better-sqlite3 would not roll back an asynchronous one. */
export function createSqliteHealthHistoryRepository(db: HeartbeatDrizzle): HealthHistoryRepository {
  return {
    save: (newTransitions, health) =>
      runAsPromise(() =>
        db.transaction((tx) => {
          for (const { id, ...transition } of newTransitions)
            tx.insert(transitions)
              .values({ ...transition, ...parseTransitionId(id) })
              .onConflictDoNothing()
              .run();
          tx.insert(savedHealth)
            .values({ id: SAVED_HEALTH_ROW_ID, ...health })
            .onConflictDoUpdate({
              target: savedHealth.id,
              set: {
                aliveAt: sql`excluded.alive_at`,
                services: sql`excluded.services`,
                term: sql`excluded.term`,
                lastTransition: sql`excluded.last_transition`,
              },
            })
            .run();
        }),
      ),

    loadSavedHealth: () =>
      runAsPromise(() => {
        const row = db.select().from(savedHealth).get();
        if (!row) return undefined;
        const { aliveAt, services, term, lastTransition } = row;
        return { aliveAt, services, term, lastTransition: lastTransition ?? undefined };
      }),

    findNewest: (services, limit) =>
      runAsPromise(() => {
        const ids = db
          .select({ id: inner.id })
          .from(inner)
          .where(innerIsOfRequestedService)
          .orderBy(desc(inner.id))
          .limit(limit);
        const rows = db
          .select(TRANSITION_COLUMNS)
          .from(createRequestedTable(services))
          .innerJoin(transitions, inArray(transitions.id, ids))
          .orderBy(desc(transitions.id))
          .all();
        return groupByService(services, rows);
      }),

    findSince: (services, start) =>
      runAsPromise(() => {
        const inEffectAtStart = db
          .select({ id: inner.id })
          .from(inner)
          .where(and(innerIsOfRequestedService, lte(inner.at, start)))
          .orderBy(desc(inner.id))
          .limit(1);
        const rows = db
          .select(TRANSITION_COLUMNS)
          .from(createRequestedTable(services))
          .innerJoin(
            transitions,
            and(
              eq(transitions.service, sql`requested.value`),
              gte(transitions.id, sql`coalesce((${inEffectAtStart}), 0)`),
            ),
          )
          .orderBy(asc(transitions.id))
          .all();
        return groupByService(services, rows);
      }),

    listServices: () =>
      runAsPromise(() =>
        db
          .selectDistinct({ name: transitions.service })
          .from(transitions)
          .all()
          .map(({ name }) => name),
      ),

    findOld: (name, { before, fromId, limit }) =>
      runAsPromise(() =>
        db
          .select()
          .from(transitions)
          .where(and(isOldTransition(db, name, before), gte(transitions.id, fromId)))
          .orderBy(asc(transitions.id))
          .limit(limit)
          .all(),
      ),

    applyCompaction: ({ removed, relinked }) =>
      runAsPromise(() =>
        db.transaction((tx) => {
          for (const { id, from: newFrom } of relinked) {
            tx.update(transitions).set({ from: newFrom }).where(eq(transitions.id, id)).run();
          }
          tx.delete(transitions).where(buildIsOneOfSql(transitions.id, removed)).run();
        }),
      ),

    deleteOld: (name, { before, limit }) =>
      runAsPromise(() => {
        const newestOld = db
          .select({ id: max(transitions.id) })
          .from(transitions)
          .where(isOldTransition(db, name, before));
        const ids = db
          .select({ id: transitions.id })
          .from(transitions)
          .where(and(eq(transitions.service, name), lt(transitions.id, sql`(${newestOld})`)))
          .orderBy(asc(transitions.id))
          .limit(limit);
        return db.delete(transitions).where(inArray(transitions.id, ids)).run().changes;
      }),
  };
}

/** A table `requested` with one row for each service name, so that one statement serves any number of services. */
const createRequestedTable = (services: readonly string[]): SQL =>
  sql`json_each(${JSON.stringify(services)}) as requested`;

/** Correlates a subquery with the current row of `requested`. */
const innerIsOfRequestedService = eq(inner.service, sql`requested.value`);

/**
 * Old transitions were recorded before the service's first transition at or after `before`. The order of ids decides,
 * because the wall clock may have been set back.
 */
function isOldTransition(db: HeartbeatDrizzle, name: string, before: number): SQL | undefined {
  const firstRecent = db
    .select({ id: inner.id })
    .from(inner)
    .where(and(eq(inner.service, name), gte(inner.at, before)))
    .orderBy(asc(inner.id))
    .limit(1);
  return and(
    eq(transitions.service, name),
    lt(transitions.id, sql`coalesce((${firstRecent}), ${Number.MAX_SAFE_INTEGER})`),
  );
}

function groupByService(
  services: readonly string[],
  rows: readonly HealthTransition[],
): TransitionsByService {
  const byService = new Map(services.map((name) => [name, [] as HealthTransition[]]));
  for (const row of rows) byService.get(row.service)?.push(row);
  return byService;
}

export function createSqliteMaintenanceRepository(db: HeartbeatDrizzle): MaintenanceRepository {
  /** Waits for the disk, unlike writes of the history: an operator relies on a confirmed change. */
  const runDurably = (write: () => unknown): Promise<void> =>
    runAsPromise(() => {
      db.$client.pragma('synchronous = FULL');
      try {
        write();
      } finally {
        db.$client.pragma('synchronous = NORMAL');
      }
    });

  return {
    findAll: () =>
      runAsPromise(() =>
        db
          .select()
          .from(maintenancePeriods)
          .orderBy(asc(maintenancePeriods.service))
          .all()
          .map((row): MaintenanceRecord => ({
            ...row,
            since: formatInstant(row.since),
            until: row.until === null ? null : formatInstant(row.until),
          })),
      ),

    save: ({ service, ...record }) =>
      runDurably(() => {
        const columns = {
          ...record,
          since: Date.parse(record.since),
          until: record.until === null ? null : Date.parse(record.until),
        };
        db.insert(maintenancePeriods)
          .values({ service, ...columns })
          .onConflictDoUpdate({
            target: maintenancePeriods.service,
            set: columns,
            setWhere: lte(maintenancePeriods.revision, record.revision),
          })
          .run();
      }),
  };
}
