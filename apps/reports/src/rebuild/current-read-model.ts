import { join } from 'node:path';
import {
  createOpenError,
  delegateCalls,
  ExpectedError,
  findDatabaseDamage,
  getErrorMessage,
  isDatabaseDamage,
  isSmallDatabaseFile,
  lockDataFolder,
  removeSqliteFiles,
  replaceSqliteFile,
  tryDatabaseWrite,
} from '@seguridad-abc/platform';
import {
  isMarkedIncomplete,
  isOfOtherVersion,
  markReadModelIncomplete,
  markReadModelVersion,
  openReportsFile,
  READ_MODEL_NAME,
  type ReportsDatabase,
} from '../db/reports-database.js';
import {
  ProjectionStatistics,
  type ReadModelUpdater,
  type ReadModelUpdaterOptions,
} from '../projector/read-model-updater.js';
import {
  createReadModel,
  type ReadModel,
  type ReadModelOptions,
  type ReadModelRepositories,
} from './read-model.js';

export interface CurrentReadModelOptions extends ReadModelOptions {
  /** The data folder. */
  readonly folder: string;
  /** Called when a query or a commit finds that the database is damaged. */
  readonly onDamage: (reason: string) => void;
  /** Called after the read model was replaced. */
  readonly onReplaced: () => void;
  readonly onStatement?: ((statement: string) => void) | undefined;
}

/** The read model that queries read now. It can be replaced while they run: each call goes to the one of that moment. */
export interface CurrentReadModel {
  /** The path of the database. */
  readonly file: string;
  /** The path of a database that is built to replace it. */
  readonly buildFile: string;
  /** The path of a copy for another instance. */
  readonly snapshotFile: string;
  readonly repositories: ReadModelRepositories;
  readonly writer: Pick<
    ReadModelUpdater,
    | 'checkpoint'
    | 'setAside'
    | 'statistics'
    | 'apply'
    | 'startEpoch'
    | 'readSetAside'
    | 'retrySetAside'
    | 'dropSetAside'
  >;
  /** Writes something small. @throws the error of SQLite */
  tryWrite(): void;
  /** Why it must be built again, as found when it was opened. */
  readonly rebuildReason: string | undefined;
  /** Whether it lacks events that are older than this process, because its database or the log was replaced. Answers report that. */
  readonly isIncomplete: boolean;
  /**
   * The position at which an incomplete read model is complete, because the projector follows a log that was restored. Changes up to
   * it are not published. Undefined if a rebuild completes it.
   */
  readonly completesAt: number | undefined;
  /** Whether this software version has written it. */
  readonly isOfThisVersion: boolean;
  /** Declares it complete: the log has no older events. */
  markComplete(): void;
  /** Resolves to whether it is complete, after `ms` at the latest. */
  waitUntilComplete(ms: number): Promise<boolean>;
  /** Runs work while the projector does not write. */
  runExclusively<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Opens a database at {@link buildFile}, in this software version. @throws the error of SQLite */
  openBuild(): ReadModel;
  /** Puts a build in its place, at once. To be called within {@link runExclusively}. */
  replaceWith(build: ReadModel): void;
  close(): void;
}

/**
 * Opens the read model of a data folder. A file that is missing or cannot be read is replaced by an empty one.
 * @throws StartError if the folder cannot be used, or another process works in it
 */
export async function openCurrentReadModel(options: CurrentReadModelOptions): Promise<CurrentReadModel> {
  const { folder, onDamage, onReplaced, onStatement, ...modelOptions } = options;
  const { logger } = options;
  const unlock = lockDataFolder(folder, READ_MODEL_NAME);
  const file = join(folder, `${READ_MODEL_NAME}.sqlite`);
  const buildFile = join(folder, `${READ_MODEL_NAME}.rebuild.sqlite`);

  const statistics = new ProjectionStatistics();

  const openFile = (loaded?: ReadModelUpdaterOptions['loaded']) => {
    const database = openReportsFile(file, onStatement);
    return closeOnError(database, () => createReadModel(database, { ...modelOptions, statistics }, loaded));
  };
  const openAndLoad = async () => {
    const model = openFile();
    return closeOnError(model.database, async () => {
      await model.updater.load();
      return { model, rebuildReason: findRebuildReason(model, file) };
    });
  };
  /** The read model is derived from the log, so a file that cannot be used is no reason not to start. */
  const openOrReplace = async () => {
    try {
      return await openAndLoad();
    } catch (error) {
      if (!isUnusableFile(error)) throw error;
      removeSqliteFiles(file);
      const { model } = await openAndLoad();
      return { model, rebuildReason: `it is damaged: ${getErrorMessage(error)}` };
    }
  };

  let opened: Awaited<ReturnType<typeof openOrReplace>>;
  try {
    // A build that was interrupted is not complete.
    removeSqliteFiles(buildFile);
    opened = await openOrReplace();
  } catch (error) {
    unlock();
    throw createOpenError(file, error);
  }
  let { model } = opened;
  const isEmpty = model.updater.checkpoint.position === 0;
  if (isEmpty) markReadModelVersion(model.database);
  let isIncomplete = isEmpty || isMarkedIncomplete(model.database);
  /** Ends when the last exclusive work has ended. */
  let busy: Promise<unknown> = Promise.resolve();

  const noticeDamage = (error: unknown) => {
    if (isDatabaseDamage(error)) onDamage(`it is damaged: ${getErrorMessage(error)}`);
  };
  const toQueryError = (error: Error): Error => {
    noticeDamage(error);
    return isDatabaseDamage(error) ? createDamagedReadModelError() : error;
  };
  const completionWaits = new Set<() => void>();
  let completesAt: number | undefined;
  const markComplete = () => {
    isIncomplete = false;
    completesAt = undefined;
    for (const end of completionWaits) end();
  };
  const runExclusively = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const run = busy.then(work);
    busy = run.catch(() => undefined);
    return run;
  };
  const write = <Result>(work: (updater: ReadModelUpdater) => Promise<Result>): Promise<Result> =>
    runExclusively(async () => {
      try {
        return await work(model.updater);
      } catch (error) {
        noticeDamage(error);
        throw error;
      }
    });
  const delegate = <Name extends keyof ReadModelRepositories>(name: Name) =>
    delegateCalls(() => model.repositories[name], toQueryError);

  return {
    file,
    buildFile,
    snapshotFile: join(folder, `${READ_MODEL_NAME}.snapshot.sqlite`),
    repositories: {
      rules: delegate('rules'),
      alarms: delegate('alarms'),
      alarmQueue: delegate('alarmQueue'),
      alarmTimeline: delegate('alarmTimeline'),
      openings: delegate('openings'),
      users: delegate('users'),
      devices: delegate('devices'),
      calendars: delegate('calendars'),
      exceptions: delegate('exceptions'),
    },
    writer: {
      get checkpoint() {
        return model.updater.checkpoint;
      },
      get setAside() {
        return model.updater.setAside;
      },
      statistics,
      apply: (entries, to) =>
        write(async (updater) => {
          await updater.apply(entries, to);
          if (completesAt === undefined || updater.checkpoint.position < completesAt) return;
          markReadModelVersion(model.database);
          markComplete();
        }),
      startEpoch: (epoch) =>
        write(async (updater) => {
          await updater.startEpoch(epoch);
          if (updater.checkpoint.position >= epoch.head) return;
          // All records were removed, or some are not known yet.
          isIncomplete = true;
          completesAt = epoch.head;
          // Another process would neither know that, nor which changes were published.
          markReadModelIncomplete(model.database);
        }),
      readSetAside: (after, limit) => model.updater.readSetAside(after, limit),
      retrySetAside: (positions, readEntry) =>
        write((updater) => updater.retrySetAside(positions, readEntry)),
      dropSetAside: (positions) => write((updater) => updater.dropSetAside(positions)),
    },
    tryWrite: () => tryDatabaseWrite(model.database.db),
    rebuildReason: opened.rebuildReason,
    get isIncomplete() {
      return isIncomplete;
    },
    get completesAt() {
      return completesAt;
    },
    get isOfThisVersion() {
      return !isOfOtherVersion(model.database);
    },
    markComplete,
    async waitUntilComplete(ms) {
      if (!isIncomplete) return true;
      await new Promise<void>((resolve) => {
        const end = () => {
          clearTimeout(timer);
          completionWaits.delete(end);
          resolve();
        };
        const timer = setTimeout(end, ms);
        completionWaits.add(end);
      });
      return !isIncomplete;
    },
    runExclusively,
    openBuild() {
      const database = openReportsFile(buildFile, onStatement);
      return closeOnError(database, () => {
        markReadModelVersion(database);
        // Subscribers have had the changes of these events before.
        return createReadModel(database, {
          onCommitted: () => undefined,
          publish: () => Promise.resolve(),
          watchWrite: (written) => written,
          logger,
        });
      });
    },
    replaceWith(build) {
      build.database.close();
      closeDamaged(model.database);
      try {
        replaceSqliteFile(buildFile, file);
      } catch (error) {
        model = openFile(model.updater);
        throw error;
      }
      const { checkpoint, setAside } = build.updater;
      model = openFile({ checkpoint, setAside, unpublishedUpTo: model.updater.unpublishedUpTo });
      markComplete();
      onReplaced();
    },
    close() {
      for (const end of completionWaits) end();
      closeDamaged(model.database);
      unlock();
    },
  };
}

/** Why a read model that can be read must be built again. */
function findRebuildReason({ database, updater }: ReadModel, file: string): string | undefined {
  if (updater.checkpoint.position === 0) return 'there is none';
  if (isMarkedIncomplete(database)) return 'reports stopped before it had followed a restored log';
  if (isOfOtherVersion(database)) return 'it is of another software version';
  // A larger file is checked after the start, in the background.
  const damage = isSmallDatabaseFile(file) ? findDatabaseDamage(database.db.$client) : undefined;
  return damage === undefined ? undefined : `it is damaged: ${damage}`;
}

/** Tables that this version does not expect come from another version, or from a damaged schema. */
const isUnusableFile = (error: unknown): boolean =>
  isDatabaseDamage(error) || (error as { code?: unknown }).code === 'SQLITE_ERROR';

/** The last commits of a damaged database may fail to reach its file when it is closed. They are in the log. */
function closeDamaged(database: ReportsDatabase): void {
  try {
    database.close();
  } catch {
    // It is replaced.
  }
}

function closeOnError<Result>(database: ReportsDatabase, work: () => Result): Result {
  try {
    const result = work();
    if (result instanceof Promise) result.catch(() => database.close());
    return result;
  } catch (error) {
    database.close();
    throw error;
  }
}

const createDamagedReadModelError = () =>
  new ExpectedError(
    'SUBGRAPH_UNAVAILABLE',
    'The stored data is damaged here and is being built again from the event log. Retry later.',
  );
