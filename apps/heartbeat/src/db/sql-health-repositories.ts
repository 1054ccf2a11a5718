import { formatInstant, type MaintenanceRecord } from '@seguridad-abc/contracts';
import { getDialect, queryRows } from '@seguridad-abc/platform';
import { and, asc, desc, eq, gte, inArray, lt, lte, max, sql, type SQL, type SQLWrapper } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import type { HealthTransition } from '../domain/health-transitions.js';
import { compareTransitionIds, NO_TRANSITION_ID, parseTransitionId } from '../domain/transition-id.js';
import type { HeartbeatDrizzle, HeartbeatStore } from './heartbeat-database.js';
import type {
  HealthHistoryRepository,
  MaintenanceRepository,
  TransitionsByService,
} from './health-repositories.js';
import { getTables } from './schema.js';

/** The id of the only row. */
const SAVED_HEALTH_ROW_ID = 1;
/** Far below the number of parameters that a statement may have. */
const MAX_ROWS_PER_INSERT = 500;

/** Creates the history over SQLite or PostgreSQL. */
export function createHealthHistoryRepository({ reader, transact }: HeartbeatStore): HealthHistoryRepository {
  const { transitions, savedHealth } = getTables(reader);
  /** The table once more, for subqueries. */
  const inner = alias(transitions, 'inner_transitions');
  const { service, from, to, at, reason } = transitions;
  const columns = { service, from, to, at, reason };
  /** Correlates a subquery with the current row of `requested`. */
  const innerIsOfRequestedService = eq(inner.service, sql`requested.value`);

  /** Several monitors share a database. Who has locked the row changes the history alone, until the end of the transaction. */
  const lockSavedHealth = async (db: HeartbeatDrizzle) => {
    const rows = await queryRows<{ term: number; lastTransition: string | null }>(
      db,
      sql`select term, last_transition as "lastTransition" from ${savedHealth} ${getDialect(db).forUpdate}`,
    );
    return rows[0];
  };

  /**
   * Old transitions were recorded before the service's first transition at or after `before`. The order of ids decides,
   * because the wall clock may have been set back.
   */
  const isOldTransition = (db: HeartbeatDrizzle, name: string, before: number): SQL | undefined => {
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
  };

  /** Lists the transitions of each service from the one that a subquery finds on; without one, all. */
  const listFrom = async (first: SQLWrapper, services: readonly string[], order: SQL) => {
    const rows = await reader
      .select(columns)
      .from(createRequestedTable(reader, services))
      .innerJoin(
        transitions,
        and(eq(transitions.service, sql`requested.value`), gte(transitions.id, sql`coalesce((${first}), 0)`)),
      )
      .orderBy(order);
    return groupByService(services, rows);
  };

  return {
    save: (newTransitions, health) =>
      transact(async (db) => {
        const stored = await lockSavedHealth(db);
        const lastStored = stored?.lastTransition ?? NO_TRANSITION_ID;
        // Another monitor may have stored them. A compaction may have removed them since then.
        const rows = newTransitions
          .filter(({ id }) => compareTransitionIds(id, lastStored) > 0)
          .map(({ id, ...transition }) => ({
            ...transition,
            ...parseTransitionId(id),
            // As in messages. PostgreSQL refuses fractions.
            at: Math.trunc(transition.at),
          }));
        for (let start = 0; start < rows.length; start += MAX_ROWS_PER_INSERT)
          await db
            .insert(transitions)
            .values(rows.slice(start, start + MAX_ROWS_PER_INSERT))
            .onConflictDoNothing();
        const { aliveAt, services, term = 0, lastTransition = NO_TRANSITION_ID } = health;
        // A monitor whose writes have waited must not replace what a later speaker has published.
        if (stored && term < stored.term) return;
        const last = compareTransitionIds(lastTransition, lastStored) > 0 ? lastTransition : lastStored;
        await db
          .insert(savedHealth)
          .values({
            id: SAVED_HEALTH_ROW_ID,
            aliveAt: Math.trunc(aliveAt),
            services,
            term,
            lastTransition: last === NO_TRANSITION_ID ? null : last,
          })
          .onConflictDoUpdate({
            target: savedHealth.id,
            set: {
              aliveAt: sql`excluded.alive_at`,
              services: sql`excluded.services`,
              term: sql`excluded.term`,
              lastTransition: sql`excluded.last_transition`,
            },
          });
      }),

    async loadSavedHealth() {
      const [row] = await reader.select().from(savedHealth);
      if (!row) return undefined;
      const { aliveAt, services, term, lastTransition } = row;
      return { aliveAt, services, term, lastTransition: lastTransition ?? undefined };
    },

    findNewest(services, limit) {
      const oldestOfNewest = reader
        .select({ id: inner.id })
        .from(inner)
        .where(innerIsOfRequestedService)
        .orderBy(desc(inner.id))
        .limit(1)
        .offset(limit - 1);
      return listFrom(oldestOfNewest, services, desc(transitions.id));
    },

    findSince(services, start) {
      const inEffectAtStart = reader
        .select({ id: inner.id })
        .from(inner)
        .where(and(innerIsOfRequestedService, lte(inner.at, start)))
        .orderBy(desc(inner.id))
        .limit(1);
      return listFrom(inEffectAtStart, services, asc(transitions.id));
    },

    async listServices() {
      const rows = await reader.selectDistinct({ name: transitions.service }).from(transitions);
      return rows.map(({ name }) => name);
    },

    mergeOld: (name, { before, fromId, limit }, deriveChanges) =>
      transact(async (db) => {
        await lockSavedHealth(db);
        const found = await db
          .select()
          .from(transitions)
          .where(and(isOldTransition(db, name, before), gte(transitions.id, fromId)))
          .orderBy(asc(transitions.id))
          .limit(limit);
        const { removed, relinked } = deriveChanges(found);
        for (const { id, from: newFrom } of relinked)
          await db.update(transitions).set({ from: newFrom }).where(eq(transitions.id, id));
        if (removed.length > 0)
          await db.delete(transitions).where(getDialect(db).isOneOf(transitions.id, removed));
        return { found, removed };
      }),

    deleteOld: (name, { before, limit }) =>
      transact(async (db) => {
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
        const deleted = await db
          .delete(transitions)
          .where(inArray(transitions.id, ids))
          .returning({ id: transitions.id });
        return deleted.length;
      }),
  };
}

/** A table `requested` with one row for each service name, so that one statement serves any number of services. */
function createRequestedTable(db: HeartbeatDrizzle, services: readonly string[]): SQL {
  const names = JSON.stringify(services);
  return getDialect(db).name === 'sqlite'
    ? sql`json_each(${names}) as requested`
    : sql`json_array_elements_text(${names}::json) as requested (value)`;
}

function groupByService(
  services: readonly string[],
  rows: readonly HealthTransition[],
): TransitionsByService {
  const byService = new Map(services.map((name) => [name, [] as HealthTransition[]]));
  for (const row of rows) byService.get(row.service)?.push(row);
  return byService;
}

/** Creates the store of maintenance over SQLite or PostgreSQL. */
export function createMaintenanceRepository({
  reader,
  transact,
  transactDurably,
}: HeartbeatStore): MaintenanceRepository {
  const { maintenancePeriods } = getTables(reader);
  return {
    async findAll() {
      const rows = await reader.select().from(maintenancePeriods).orderBy(asc(maintenancePeriods.service));
      return rows.map((row): MaintenanceRecord => ({
        ...row,
        since: formatInstant(row.since),
        until: row.until === null ? null : formatInstant(row.until),
      }));
    },

    remove: ({ service, revision }) =>
      transact(async (db) => {
        await db
          .delete(maintenancePeriods)
          .where(and(eq(maintenancePeriods.service, service), eq(maintenancePeriods.revision, revision)));
      }),

    // An operator relies on a confirmed change.
    save: ({ service, ...record }) =>
      transactDurably(async (db) => {
        const columns = {
          ...record,
          since: Date.parse(record.since),
          until: record.until === null ? null : Date.parse(record.until),
        };
        const stored = await db
          .insert(maintenancePeriods)
          .values({ service, ...columns })
          .onConflictDoUpdate({
            target: maintenancePeriods.service,
            set: columns,
            setWhere: lte(maintenancePeriods.revision, record.revision),
          })
          .returning({ service: maintenancePeriods.service });
        return stored.length > 0;
      }),
  };
}
