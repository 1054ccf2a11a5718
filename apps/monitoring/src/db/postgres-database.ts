import {
  createPostgresConnection,
  createPostgresReaders,
  createSnapshotReader,
  migratePostgres,
  parsePostgresUrl,
  type Logger,
  type PostgresConnection,
} from '@seguridad-abc/platform';
import { sql } from 'drizzle-orm';
import type { MonitoringDatabase, MonitoringDrizzle } from './monitoring-database.js';
import { runSql } from './prepared-statement.js';

/** The monitoring database in PostgreSQL, which several instances share. */
export interface PostgresMonitoringDatabase extends MonitoringDatabase {
  readonly file: undefined;
  /** A connection for short statements outside transactions, which must not wait for commands. */
  readonly control: MonitoringDrizzle;
  /** Writes something small, and waits for the disk of the server. @throws the error of the server */
  tryWrite(): Promise<void>;
  /**
   * Tells the other instances that something was committed. Calls while the last notification is under way are one notification;
   * a lost one is no fault, because the others also look by themselves.
   */
  notifyOthers(): void;
  /** Calls a listener when another instance has committed something, and when notifications may have been lost. */
  onNotified(listener: () => void): Promise<void>;
}

export interface PostgresMonitoringDatabaseOptions {
  readonly url: string;
  readonly logger: Logger;
  /** Called with each SQL statement before it runs. */
  readonly onStatement?: ((statement: string) => void) | undefined;
}

const APPLICATION_NAME = 'seguridad monitoring';
const READER_COUNT = 2;
/** The lease and the watch of the storage must learn soon that a host has vanished: nobody leads until then. */
const SIGNAL_TIMEOUTS = { connectMs: 2_000, statementMs: 1_500, answerMs: 2_000 };
/** Instances of one installation share a database, and so its notifications. */
const COMMIT_CHANNEL = 'monitoring_commits';

/**
 * Connects to PostgreSQL and applies pending migrations.
 * @throws StartError if the server cannot be used, or newer software has written the database
 */
export async function openPostgresMonitoringDatabase({
  url,
  logger,
  onStatement,
}: PostgresMonitoringDatabaseOptions): Promise<PostgresMonitoringDatabase> {
  const address = parsePostgresUrl(url);
  await migratePostgres({
    address,
    migrations: new URL('../../drizzle-postgres', import.meta.url),
    migrationsTable: 'monitoring_migrations',
    logger,
  });
  const options = { address, applicationName: APPLICATION_NAME, logger, onStatement };
  const writer = createPostgresConnection(options);
  const readers = createPostgresReaders(READER_COUNT, options);
  const snapshots = createPostgresConnection(options);
  const signals = createPostgresConnection({
    ...options,
    timeouts: SIGNAL_TIMEOUTS,
    onHostChange(host) {
      // The others would wait longer for a host that has vanished.
      if (address.needsPrimary)
        for (const connection of [writer, readers, snapshots]) connection.leaveOtherHosts(host);
    },
    // It asks for the lease each second, so it learns first that a host is silent, and that it is back.
    onHostChecked(host, isSilent) {
      for (const connection of [writer, readers, snapshots]) connection.noteHost(host, isSilent);
    },
  });
  const probe = toMonitoringDrizzle(signals);
  const notifications = { isSending: false, isRequested: false };
  const sendNotifications = async () => {
    notifications.isSending = true;
    while (notifications.isRequested) {
      notifications.isRequested = false;
      // After the commit, not inside its transaction: notifications of a transaction are sent under a lock of the whole database.
      await runSql(probe, sql`select pg_notify(${COMMIT_CHANNEL}, '')`).catch(() => undefined);
    }
    notifications.isSending = false;
  };
  return {
    db: toMonitoringDrizzle(writer),
    reader: toMonitoringDrizzle(readers),
    snapshots: createSnapshotReader(toMonitoringDrizzle(snapshots)),
    file: undefined,
    control: probe,
    async tryWrite() {
      await runSql(
        probe,
        sql`insert into storage_probe (id, at) values (1, extract(epoch from clock_timestamp()) * 1000) on conflict (id) do update set at = excluded.at`,
      );
    },
    notifyOthers() {
      notifications.isRequested = true;
      if (!notifications.isSending) void sendNotifications();
    },
    onNotified: (listener) => signals.listen(COMMIT_CHANNEL, listener),
    async close() {
      await Promise.all([writer, readers, snapshots, signals].map((connection) => connection.close()));
    },
  };
}

/** Queries over the tables of `getTables` have the same types and results in both dialects. */
const toMonitoringDrizzle = ({ db }: PostgresConnection): MonitoringDrizzle =>
  db as unknown as MonitoringDrizzle;
