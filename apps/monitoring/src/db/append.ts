import type { Actor, MonitoringEvent } from '@seguridad-abc/contracts';
import type { Db } from './open.js';
import { placeholders } from './prepared.js';
import { events } from './schema.js';

/**
 * Adds to the event log; to be used inside the transaction that writes the state.
 * @param actor null where nobody caused it
 */
export type Append = (event: MonitoringEvent, at: string, actor: Actor | null) => void;

export function createAppend(db: Db): Append {
  const insert = db.insert(events).values(placeholders(events)).prepare();
  return ({ type, version, data }, at, actor) =>
    void insert.run({ position: null, type, version, at, actor, data });
}
