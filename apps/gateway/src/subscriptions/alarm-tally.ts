import type { AlarmChange, AlarmChangesPage } from '@seguridad-abc/contracts';

import type { LogCursor } from './log-cursor.js';

/** A change of an alarm that is to be told. */
export interface FedChange {
  readonly change: AlarmChange;
  /** Up to where nothing is missing with this change; undefined while reports has not been heard. */
  readonly cursor: LogCursor | undefined;
}

/** What has been told of a log, and up to where nothing is missing. Everything in it is told once, of each alarm in order. */
export interface Tally {
  /** Up to here all has been told; undefined until reports has said where its log stands. */
  readonly position: number | undefined;
  isReplacedBy(history: Pick<AlarmChangesPage, 'logId'>): boolean;
  /** What is to be told of a change that follows what has been told, with nothing between; undefined: it does not. */
  follow(change: AlarmChange): readonly FedChange[] | undefined;
  /**
   * What is to be told where reports has said all that lies up to a position.
   * @param heard by another way: of an alarm the history has the last change only
   */
  complete(history: AlarmChangesPage, heard: readonly AlarmChange[], upTo: number): readonly FedChange[];
  /** What is to be told although nobody knows what is missing. */
  unchecked(heard: readonly AlarmChange[]): readonly FedChange[];
}

/** Of so many alarms it is known what was told of them last: messages are not late for longer. */
const REMEMBERED = 10_000;

export function createTally(): Tally {
  let logId: string | undefined;
  let position: number | undefined;
  /** By alarm, the position of what was told of it last. */
  const told = new Map<string, number>();

  const remember = ({ alarm: { id }, position: at }: AlarmChange) => {
    told.delete(id);
    told.set(id, at);
    for (const oldest of told.keys()) {
      if (told.size <= REMEMBERED) break;
      told.delete(oldest);
    }
  };
  /** Those that are news, in order. */
  const tell = (changes: readonly AlarmChange[], before: number): FedChange[] =>
    changes
      .toSorted((a, b) => a.position - b.position)
      .filter((change) => {
        const isNews = change.position > (told.get(change.alarm.id) ?? 0);
        if (isNews) remember(change);
        return isNews;
      })
      .map((change) => ({ change, cursor: cursorAt(Math.max(change.position, before)) }));
  const cursorAt = (at: number): LogCursor | undefined =>
    logId === undefined || position === undefined ? undefined : { logId, position: Math.min(at, position) };

  return {
    get position() {
      return position;
    },
    isReplacedBy: (history) => logId !== undefined && history.logId !== null && history.logId !== logId,
    follow(change) {
      const { since = Infinity } = change;
      if (logId === undefined || position === undefined) return undefined;
      if (since > position || change.position <= position) return undefined;
      const before = position;
      position = change.position;
      return tell([change], before);
    },
    complete(history, heard, upTo) {
      const before = position ?? 0;
      logId = history.logId ?? logId;
      position = Math.max(upTo, before);
      return tell([...history.changes, ...heard], before);
    },
    unchecked: (heard) => tell(heard, position ?? 0),
  };
}
