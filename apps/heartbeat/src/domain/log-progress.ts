import type { ClockReading, Heartbeat } from '@seguridad-abc/contracts';
import { formatDuration } from './format-duration.js';

/** How far a process is in an event log, and since when it stands still. */
export interface LogProgress {
  readonly logId: string;
  /** The end of the log, if this process writes it. */
  readonly end: number | undefined;
  readonly readers: readonly LogReaderProgress[];
}

/** A relay or a projector. */
export interface LogReaderProgress {
  /** What it does with entries, as a past participle. */
  readonly verb: 'published' | 'projected';
  readonly position: number;
  /** Monotonic time since which entries wait and the position stays the same. Undefined while no entries wait. */
  readonly waitingSince: number | undefined;
}

/** Creates the progress from a heartbeat. A reader that has not moved since the previous heartbeat keeps its waiting time. */
export function readLogProgress(
  previous: LogProgress | undefined,
  log: NonNullable<Heartbeat['log']>,
): LogProgress {
  const createReader = (verb: LogReaderProgress['verb']): LogReaderProgress[] => {
    const position = log[verb];
    if (position === undefined) return [];
    const before = previous?.logId === log.id ? previous.readers.find((one) => one.verb === verb) : undefined;
    return [
      { verb, position, waitingSince: before?.position === position ? before.waitingSince : undefined },
    ];
  };
  return {
    logId: log.id,
    end: log.end,
    readers: [...createReader('published'), ...createReader('projected')],
  };
}

/** The ends of the logs by their ids, from the processes that write them. */
export type LogEnds = ReadonlyMap<string, number>;

/** Finds the ends of all logs. */
export function findLogEnds(all: readonly LogProgress[]): LogEnds {
  const ends = new Map<string, number>();
  for (const { logId, end } of all)
    if (end !== undefined) ends.set(logId, Math.max(end, ends.get(logId) ?? 0));
  return ends;
}

/** Compares the readers of a process with the end of the log. */
export function updateWaitingTimes(
  progress: LogProgress,
  ends: LogEnds,
  { monotonicMs }: ClockReading,
): LogProgress {
  const end = ends.get(progress.logId) ?? 0;
  return {
    ...progress,
    readers: progress.readers.map((reader) => ({
      ...reader,
      waitingSince: reader.position < end ? (reader.waitingSince ?? monotonicMs) : undefined,
    })),
  };
}

/** Counts the entries that wait for the readers of a process. */
export const countWaitingEntries = ({ logId, readers }: LogProgress, ends: LogEnds): number =>
  Math.max(0, ...readers.map(({ position }) => (ends.get(logId) ?? 0) - position));

/**
 * Describes readers that stand still although entries wait. The process may not know it: a reader that waits for something else
 * measures no lag.
 * @param countingSince monotonic time since which the monitor receives heartbeats without interruption
 */
export const describeStalledReaders = (
  { readers }: LogProgress,
  maxStallMs: number,
  countingSince: number,
  { monotonicMs }: ClockReading,
): string[] =>
  readers.flatMap(({ verb, waitingSince }) => {
    if (waitingSince === undefined) return [];
    const stallMs = monotonicMs - Math.max(waitingSince, countingSince);
    return stallMs < maxStallMs
      ? []
      : [`no log entry was ${verb} for ${formatDuration(stallMs)} although entries wait`];
  });
