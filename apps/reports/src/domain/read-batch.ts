import { parseLogEvent, type LogEntry, type MonitoringEvent } from '@seguridad-abc/contracts';

export interface PlacedEvent {
  readonly position: number;
  readonly event: MonitoringEvent;
}

/** An entry that this software does not understand, kept for one that does. */
export interface SetAsideEntry {
  readonly entry: LogEntry;
  readonly reason: string;
}

export interface ReadBatch {
  readonly events: readonly PlacedEvent[];
  readonly setAside: readonly SetAsideEntry[];
}

/** Tells the entries that can be projected from those that must wait for newer software, each in the log's order. */
export function readBatch(entries: readonly LogEntry[]): ReadBatch {
  const events: PlacedEvent[] = [];
  const setAside: SetAsideEntry[] = [];
  for (const entry of entries) {
    const read = parseLogEvent(entry);
    if (read.ok) events.push({ position: entry.position, event: read.event });
    else setAside.push({ entry, reason: read.reason });
  }
  return { events, setAside };
}
