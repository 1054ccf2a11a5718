import { randomUUID } from 'node:crypto';
import { asc, gt, max } from 'drizzle-orm';
import type { EventLog } from '../log/event-log.js';
import type { Db } from './open.js';
import { events, log } from './schema.js';

export function createEventLog(db: Db): EventLog {
  const logId = db.transaction(() => {
    const present = db.select().from(log).get();
    return (present ?? db.insert(log).values({ id: randomUUID() }).returning().get()).id;
  });

  const last = db
    .select({ position: max(events.position) })
    .from(events)
    .prepare();
  const head = () => last.get()?.position ?? 0;

  return {
    end: () => Promise.resolve({ logId, position: head() }),
    read(after, limit) {
      const page = db.transaction(() => ({
        head: head(),
        rows: db
          .select()
          .from(events)
          .where(gt(events.position, after))
          .orderBy(asc(events.position))
          .limit(limit)
          .all(),
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
