import { randomUUID } from 'node:crypto';
import { and, asc, gt, lte, max, sql } from 'drizzle-orm';
import type { Outbox } from '../log/outbox.js';
import type { Db } from './open.js';
import { events, log } from './schema.js';

/** A page is no larger, unless its first entry is: a thousand readings are one entry. */
const MAX_PAGE_BYTES = 1024 * 1024; // 1 MiB

export function createEventLog(db: Db): Outbox {
  const logId = db.transaction(() => {
    const present = db.select().from(log).get();
    return (present ?? db.insert(log).values({ id: randomUUID() }).returning().get()).id;
  });

  const last = db
    .select({ position: max(events.position) })
    .from(events)
    .prepare();
  const head = () => last.get()?.position ?? 0;

  /** Asks SQLite for the lengths only, which stand beside the positions. */
  const sizes = db
    .select({ position: events.position, bytes: sql<number>`octet_length(${events.data})` })
    .from(events)
    .where(gt(events.position, sql.placeholder('after')))
    .orderBy(asc(events.position))
    .limit(sql.placeholder('limit'))
    .prepare();
  const within = db
    .select()
    .from(events)
    .where(and(gt(events.position, sql.placeholder('after')), lte(events.position, sql.placeholder('until'))))
    .orderBy(asc(events.position))
    .prepare();

  return {
    end: () => Promise.resolve({ logId, position: head() }),
    read(after, limit) {
      const page = db.transaction(() => ({
        head: head(),
        rows: within.all({ after, until: endOfPage(after, sizes.all({ after, limit })) }),
      }));
      const entries = page.rows.map(({ position, type, version, at, actor, data }) => ({
        logId,
        position,
        type,
        version,
        at,
        actor,
        data,
      }));
      return Promise.resolve({ logId, head: page.head, entries });
    },
  };
}

/** @returns the position of the last entry that has room */
function endOfPage(
  after: number,
  sizes: readonly { readonly position: number; readonly bytes: number }[],
): number {
  let end = after;
  let room = MAX_PAGE_BYTES;
  for (const { position, bytes } of sizes) {
    room -= bytes;
    if (room < 0 && end > after) break;
    end = position;
  }
  return end;
}
