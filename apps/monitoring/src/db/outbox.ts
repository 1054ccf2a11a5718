import { randomUUID } from 'node:crypto';
import type { LogPage } from '@seguridad-abc/contracts';
import { runInTransaction, type Logger } from '@seguridad-abc/platform';
import { eq } from 'drizzle-orm';
import type { EventLog } from '../log/event-log.js';
import { createLastUserPositions } from '../log/last-user-positions.js';
import type { WakeUpSignal } from '../log/relay.js';
import { getDialect } from './dialect.js';
import type { GroupCommit } from './group-commit.js';
import { createLogAppends, type LogAppends } from './log-appends.js';
import type { MonitoringDatabase, MonitoringDrizzle } from './monitoring-database.js';
import { prepare } from './prepared-statement.js';
import { getTables } from './schema.js';
import { createStoredLog } from './stored-log.js';

export type { AppendEvent } from './log-appends.js';

/**
 * The transactional outbox, which stores the event log. The state tables are authoritative for decisions; each event is
 * stored in the transaction that writes the state.
 */
export interface Outbox {
  /** What the open transaction appends. The group commit writes it. */
  readonly appends: LogAppends;
  /**
   * Creates the log for its readers.
   * @param appended notified when an epoch starts
   * @param now the server's instant
   */
  createEventLog(options: EventLogOptions): EventLog;
}

export interface EventLogOptions {
  readonly transact: GroupCommit;
  /** Fails if another instance leads. */
  readonly transactAsLeader: GroupCommit;
  readonly appended: Pick<WakeUpSignal, 'notify'>;
  readonly now: () => string;
  readonly logger: Logger;
}

/** Opens the outbox of a database. A new database gets the id of its log. */
export async function createOutbox({ db, reader, snapshots }: MonitoringDatabase): Promise<Outbox> {
  const readIdentity = createIdentityReader(reader);
  await createIdentity(db);
  const log = createStoredLog(reader);
  const head = await log.getHead();
  // Several instances append to the log in PostgreSQL, so there the last event of a user may be that of another one.
  const lastUserPositions = getDialect(db).name === 'sqlite' ? createLastUserPositions(head) : undefined;
  const appends = createLogAppends(db, {
    onUserEvent: lastUserPositions && ((userId, position) => lastUserPositions.record(userId, position)),
  });
  const snapshotLog = createStoredLog(snapshots.db);
  const readSnapshotIdentity = createIdentityReader(snapshots.db);
  const { eventLogIdentity, formerEpochs } = getTables(db);
  const prepareEpochs = (connection: MonitoringDrizzle) =>
    prepare(connection, connection.select({ logId: formerEpochs.logId }).from(formerEpochs));
  const snapshotEpochs = prepareEpochs(snapshots.db);
  const epochs = prepareEpochs(reader);

  const createEventLog = ({
    transact,
    transactAsLeader,
    appended,
    now,
    logger,
  }: EventLogOptions): EventLog => {
    const startEpoch = async (formerLogId: string) => {
      const endPosition = await log.getHead();
      const logId = randomUUID();
      const isStarted = await transact(async () => {
        // Another instance may have started it.
        const changed = await db
          .update(eventLogIdentity)
          .set({ id: logId })
          .where(eq(eventLogIdentity.id, formerLogId))
          .returning({ id: eventLogIdentity.id });
        if (changed.length === 0) return false;
        await db.insert(formerEpochs).values({ logId: formerLogId, endPosition, endedAt: now() });
        return true;
      });
      if (!isStarted) return;
      logger.warn(
        { formerLogId, logId, position: endPosition },
        'the event log was replaced by an older copy: it starts a new epoch, and readers follow it',
      );
      // The relay replaces the stream.
      appended.notify();
    };

    return {
      async end(userId) {
        const { id: logId } = await readIdentity();
        const position = await log.getHead();
        if (userId === undefined || !lastUserPositions) return { logId, position };
        // A transaction that was rolled back leaves the position of an event that is not in the log.
        return { logId, position: Math.min(lastUserPositions.get(userId), position) };
      },
      read: (after, limit, snapshot) =>
        snapshots.read(async (): Promise<LogPage> => {
          const { id: logId } = await readSnapshotIdentity();
          const formerLogIds = (await snapshotEpochs.all()).map((epoch) => epoch.logId);
          const markAfter = after === 0 ? undefined : await snapshotLog.getMark(after);
          const page = {
            logId,
            ...(formerLogIds.length > 0 && { formerLogIds }),
            ...(markAfter !== undefined && { markAfter }),
            head: await snapshotLog.getHead(),
          };
          const horizon = (await snapshotLog.getHorizon()).position;
          if (after >= horizon)
            return { ...page, entries: [...(await snapshotLog.readEntries(logId, after, limit))] };
          // What was removed after this position may have changed what the reader holds.
          if (after > 0 && snapshot !== horizon)
            return { ...page, snapshotUpTo: horizon, isCompacted: true, entries: [] };
          return {
            ...page,
            snapshotUpTo: horizon,
            ...(await snapshotLog.readSnapshot(logId, horizon, after, limit)),
          };
        }),
      getCompactedUpTo: async () => (await log.getHorizon()).position,
      async compareWithReader({ logId, position, mark }) {
        if (logId !== (await readIdentity()).id) return;
        const ownMark = await log.getMark(position);
        const isOtherEntry = mark !== undefined && ownMark !== undefined && mark !== ownMark;
        if (isOtherEntry || position > (await log.getHead())) await startEpoch(logId);
      },
      replacesStream: async () => (await readIdentity()).replacesStream,
      async confirmStreamReplaced() {
        await transact(async () => {
          await db.update(eventLogIdentity).set({ replacesStream: false });
        });
      },
      async getLogIds() {
        const { id } = await readIdentity();
        return [id, ...(await epochs.all()).map(({ logId }) => logId)];
      },
      getStreamFence: async () => (await readIdentity()).streamFence ?? undefined,
      async storeStreamFence(streamFence) {
        await transactAsLeader(async () => {
          await db.update(eventLogIdentity).set({ streamFence });
        });
      },
    };
  };
  return { appends, createEventLog };
}

/** `npm run restore`, the start of an epoch and the relay change the identity; of several instances, another one may. */
function createIdentityReader(db: MonitoringDrizzle) {
  const identity = prepare(db, db.select().from(getTables(db).eventLogIdentity));
  return async () => {
    const found = await identity.get();
    if (!found) throw new Error('The event log has no id.');
    return found;
  };
}

async function createIdentity(db: MonitoringDrizzle): Promise<void> {
  const { eventLogIdentity } = getTables(db);
  await runInTransaction(db, async () => {
    const [found] = await db.select().from(eventLogIdentity);
    // Another instance may do so at the same time. The table has an index that allows one row only.
    if (!found) await db.insert(eventLogIdentity).values({ id: randomUUID() }).onConflictDoNothing();
  });
}
