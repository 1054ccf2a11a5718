import { parseStreamEntry, parseStreamPosition, type LogEntry } from '@seguridad-abc/contracts';
import type { Checkpoint } from './read-model.js';

/** An entry as Redis gives it: its id, and its fields flat. */
export type RawEntry = readonly [id: string, fields: readonly string[]];

/** Why the stream cannot be followed further as it is. */
export type Obstacle =
  /** Entries between the checkpoint and this position are not on the stream. */
  | { readonly kind: 'gap'; readonly position: number }
  | { readonly kind: 'damaged'; readonly id: string }
  | { readonly kind: 'foreign'; readonly position: number; readonly logId: string };

export interface Taken {
  /** In order and without gaps behind the checkpoint. */
  readonly next: readonly LogEntry[];
  /** What came after these, where it is none of the log's next entry. */
  readonly obstacle?: Obstacle;
}

/** Takes from what the stream holds the entries that come next after the checkpoint; those before it are duplicates. */
export function takeNext(checkpoint: Checkpoint, raw: readonly RawEntry[]): Taken {
  const next: LogEntry[] = [];
  let { logId, position } = checkpoint;
  for (const [id, fields] of raw) {
    const found = parseStreamPosition(id);
    if (found !== undefined && found <= position) continue;
    if (found !== undefined && found > position + 1)
      return { next, obstacle: { kind: 'gap', position: found } };
    const entry = decode(id, fields);
    if (!entry) return { next, obstacle: { kind: 'damaged', id } };
    if (logId !== null && entry.logId !== logId) {
      return { next, obstacle: { kind: 'foreign', position: entry.position, logId: entry.logId } };
    }
    next.push(entry);
    ({ logId, position } = entry);
  }
  return { next };
}

function decode(id: string, fields: readonly string[]): LogEntry | undefined {
  try {
    return parseStreamEntry(id, fields);
  } catch {
    return undefined;
  }
}
