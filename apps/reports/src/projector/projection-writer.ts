import { setImmediate } from 'node:timers/promises';
import type { LogEntry } from '@seguridad-abc/contracts';
import type { Logger } from '@seguridad-abc/platform';
import { BEGINNING, type Checkpoint } from '../domain/checkpoint.js';
import { portions } from '../domain/portions.js';
import { project, type Changes, type Projection } from '../domain/project.js';
import { readBatch, type SetAsideEntry } from '../domain/read-batch.js';
import { tell } from '../domain/tell.js';
import type { Things } from '../domain/things.js';
import type { ProjectionStore } from './projection-store.js';

export interface ProjectionWriterOptions {
  readonly store: ProjectionStore;
  /** Called after each commit, when queries can read the changed records. */
  readonly onCommitted: (records: Things) => void;
  /** Publishes changes that can now be read. Called in log order. */
  readonly publish: (changes: Changes) => Promise<void>;
  readonly logger: Logger;
}

export interface SetAsideSummary {
  readonly count: number;
  /** The position of the first; undefined: none is set aside. */
  readonly first: number | undefined;
}

/** Writes log entries into the read model. One call at a time. */
export interface ProjectionWriter {
  /** The position up to which the read model holds the log, as of the last commit. */
  readonly checkpoint: Checkpoint;
  /** Entries that wait for a newer software version. */
  readonly setAside: SetAsideSummary;
  /** Reads the checkpoint, and applies entries that were set aside and that this version can read. */
  load(): Promise<void>;
  /**
   * Commits entries together with the checkpoint, in transactions of limited size.
   * @param entries the next ones after the checkpoint; empty: only the checkpoint is written
   * @param to the checkpoint after these entries
   */
  apply(entries: readonly LogEntry[], to: Checkpoint): Promise<void>;
}

export function createProjectionWriter(options: ProjectionWriterOptions): ProjectionWriter {
  const { store, onCommitted, publish, logger } = options;
  let checkpoint = BEGINNING;
  let setAside = summarizeSetAside([]);

  const projectEntries = async (entries: readonly LogEntry[]) => {
    const batch = readBatch(entries);
    const updates = tell(batch.events);
    return { ...project(updates, await store.present(updates)), setAside: batch.setAside };
  };

  const announce = async ({ things, changes }: Projection) => {
    onCommitted(things);
    await publish(changes);
  };

  /** @returns the entries that this version still cannot read */
  const retrySetAside = async (entries: readonly LogEntry[]) => {
    const { setAside: unread, ...projection } = await projectEntries(entries);
    const unreadPositions = new Set(unread.map(({ entry }) => entry.position));
    const takenUp = entries.map(({ position }) => position).filter((it) => !unreadPositions.has(it));
    if (takenUp.length > 0) {
      await store.commit({ from: checkpoint, to: checkpoint, things: projection.things, takenUp });
      logger.info({ positions: takenUp }, 'log entries that were set aside can be read now and are applied');
      await announce(projection);
    }
    return unread;
  };

  const applyInOneTransaction = async (entries: readonly LogEntry[], to: Checkpoint) => {
    const { setAside: unread, ...projection } = await projectEntries(entries);
    await store.commit({ from: checkpoint, to, things: projection.things, setAside: unread });
    checkpoint = to;
    const added = summarizeSetAside(unread);
    setAside = { count: setAside.count + added.count, first: setAside.first ?? added.first };
    for (const { entry, reason } of unread) {
      logger.error({ position: entry.position, reason }, 'a log entry cannot be read and is set aside');
    }
    await announce(projection);
  };

  return {
    get checkpoint() {
      return checkpoint;
    },
    get setAside() {
      return setAside;
    },

    async load() {
      checkpoint = await store.checkpoint();
      const stored = await store.setAside();
      setAside = summarizeSetAside(await retrySetAside(stored.map(({ entry }) => entry)));
      if (setAside.count > 0)
        logger.error(setAside, 'log entries are set aside: install a newer version of reports to apply them');
    },

    async apply(entries, to) {
      if (entries.length === 0) {
        await store.commit({ from: checkpoint, to });
        checkpoint = to;
      }
      for (const [index, portion] of portions(entries).entries()) {
        // Between transactions, queries that arrived meanwhile are answered.
        if (index > 0) await setImmediate();
        const { logId, position } = portion.at(-1) ?? to;
        await applyInOneTransaction(portion, { logId, position });
      }
    },
  };
}

const summarizeSetAside = (entries: readonly SetAsideEntry[]): SetAsideSummary => ({
  count: entries.length,
  first: entries[0]?.entry.position,
});
