import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { formatInstant } from '@seguridad-abc/contracts';
import {
  createOpenError,
  delegateCalls,
  findDatabaseDamage,
  getErrorMessage,
  isDatabaseDamage,
  lockDataFolder,
  moveSqliteFiles,
  removeSqliteFiles,
  replaceSqliteFile,
  tryDatabaseWrite,
  watchSqliteFile,
  type Logger,
} from '@seguridad-abc/platform';
import type { HealthHistoryRepository, MaintenanceRepository } from './health-repositories.js';
import { HEARTBEAT_DATABASE_NAME, openHeartbeatFile, type HeartbeatDatabase } from './heartbeat-database.js';
import { createHealthHistoryRepository, createMaintenanceRepository } from './sql-health-repositories.js';

export interface SelfHealingDatabaseOptions {
  /** The data folder. */
  readonly folder: string;
  /** How often the file is looked at, in ms. */
  readonly fileCheckMs: number;
  /** Called after an empty database has replaced a damaged one while this process runs. */
  readonly onEmptied: () => void;
  readonly onStatement?: ((statement: string) => void) | undefined;
  readonly readWallClock: () => number;
  readonly logger: Logger;
}

/** The database of the heartbeat service. A damaged file is kept under another name, and a new one takes its place. */
export interface SelfHealingDatabase {
  /** The path of the database. */
  readonly file: string;
  readonly history: HealthHistoryRepository;
  readonly maintenance: MaintenanceRepository;
  /** What has happened within the last minutes, as one clause. Undefined if nothing has. */
  readonly recentDamage: string | undefined;
  /** The newest damaged file that is kept in the folder. */
  readonly damagedFile: string | undefined;
  /** Writes something small. @throws the error of SQLite */
  tryWrite(): void;
  close(): void;
}

/** Heartbeats report damage for this time. The file that is kept reports it as long as it exists. */
const REPORT_TIME_MS = 600_000; // 10 minutes

/**
 * Opens the database of a data folder. The health history exists nowhere else: it is never deleted, and what can still be read
 * of a deleted file is kept.
 * @throws StartError if the folder cannot be used, or another process works in it
 */
export function openSelfHealingDatabase(options: SelfHealingDatabaseOptions): SelfHealingDatabase {
  const { folder, fileCheckMs, onEmptied, onStatement, readWallClock, logger } = options;
  const unlock = lockDataFolder(folder, HEARTBEAT_DATABASE_NAME);
  const file = join(folder, `${HEARTBEAT_DATABASE_NAME}.sqlite`);
  const rescueFile = join(folder, `${HEARTBEAT_DATABASE_NAME}.rescued.sqlite`);
  let damage: { readonly text: string; readonly at: number } | undefined;

  const open = () => {
    const opened = openHeartbeatFile(file, onStatement);
    return {
      database: opened,
      history: createHealthHistoryRepository(opened.store),
      maintenance: createMaintenanceRepository(opened.store),
    };
  };
  const report = (text: string) => {
    damage = { text, at: readWallClock() };
    logger.error({ file }, text);
  };
  /** Keeps the damaged file, and opens an empty one. */
  const openEmpty = (reason: string) => {
    const name = `${HEARTBEAT_DATABASE_NAME}.damaged-${formatInstant(readWallClock()).replace(/\W/g, '')}.sqlite`;
    moveSqliteFiles(file, join(folder, name));
    const emptied = open();
    report(`the health history was damaged (${reason}): it starts anew, and ${name} keeps the old one`);
    return emptied;
  };
  const openOrEmpty = () => {
    let opened: ReturnType<typeof open>;
    try {
      opened = open();
    } catch (error) {
      if (!isDatabaseDamage(error)) throw error;
      return openEmpty(getErrorMessage(error));
    }
    const found = findDatabaseDamage(opened.database.db.$client);
    if (found === undefined) return opened;
    closeDamaged(opened.database);
    return openEmpty(found);
  };

  let current: ReturnType<typeof open>;
  try {
    removeSqliteFiles(rescueFile);
    current = openOrEmpty();
  } catch (error) {
    unlock();
    throw createOpenError(file, error);
  }

  /** Copies the content of the open database, although its file is not at its path any more. @returns whether it could */
  const rescue = (): boolean => {
    const { $client } = current.database.db;
    try {
      if (findDatabaseDamage($client) !== undefined) return false;
      removeSqliteFiles(rescueFile);
      $client.prepare('vacuum into ?').run(rescueFile);
      return true;
    } catch {
      return false;
    }
  };
  const heal = (reason: string) => {
    const isRescued = rescue();
    closeDamaged(current.database);
    if (isRescued) {
      replaceSqliteFile(rescueFile, file);
      current = open();
      report(`${reason}: the health history was written again from memory`);
    } else {
      current = openEmpty(reason);
      onEmptied();
    }
    watch.restart();
  };
  const healOrLog = (reason: string): boolean => {
    try {
      heal(reason);
      return true;
    } catch (error) {
      logger.error({ err: error, file }, 'the damaged health history cannot be replaced');
      return false;
    }
  };
  const watch = watchSqliteFile({ file, intervalMs: fileCheckMs, onFault: (fault) => void healOrLog(fault) });
  const handleError = (error: Error) =>
    isDatabaseDamage(error) && healOrLog(getErrorMessage(error)) ? undefined : error;

  return {
    file,
    history: delegateCalls(() => current.history, handleError),
    maintenance: delegateCalls(() => current.maintenance, handleError),
    get recentDamage() {
      return damage && readWallClock() - damage.at < REPORT_TIME_MS ? damage.text : undefined;
    },
    get damagedFile() {
      const names = readdirSync(folder).filter((name) => DAMAGED_FILE.test(name));
      return names
        .map((name) => basename(name))
        .sort()
        .at(-1);
    },
    tryWrite: () => tryDatabaseWrite(current.database.db),
    close() {
      watch.stop();
      closeDamaged(current.database);
      unlock();
    },
  };
}

const DAMAGED_FILE = new RegExp(`^${HEARTBEAT_DATABASE_NAME}\\.damaged-\\w+\\.sqlite$`);

/** The last commits may fail to reach a damaged file when it is closed. */
function closeDamaged(database: HeartbeatDatabase): void {
  try {
    database.close();
  } catch {
    // It is replaced.
  }
}
