import {
  maintenanceMessageSchema,
  MAX_MAINTENANCE_RECORDS,
  type MaintenanceMessage,
  type MaintenanceRecord,
} from '@seguridad-abc/contracts';
import {
  ExpectedError,
  subscribeToChannel,
  type Logger,
  type RedisPubSubClient,
} from '@seguridad-abc/platform';
import {
  createEndRecord,
  createStartRecord,
  findUnknownRecords,
  isObsoleteRecord,
  mergeMaintenanceRecords,
  type MaintenanceRecords,
} from '../domain/maintenance-records.js';
import type { MaintenancePeriod } from '../domain/maintenance.js';

/** How often obsolete records are removed. */
const REMOVAL_INTERVAL_MS = 60 * 60 * 1_000;

export interface SharedMaintenanceOptions {
  /** What the previous run has stored. */
  readonly restored: readonly MaintenanceRecord[];
  readonly pubsub: RedisPubSubClient;
  /**
   * Stores a record. Resolves when it survives a power failure.
   * @returns false if the database has a later command about the service
   */
  readonly save: (record: MaintenanceRecord) => Promise<boolean>;
  /** Removes a stored record, unless another command has replaced it. */
  readonly remove: (record: MaintenanceRecord) => Promise<void>;
  /** Reads the wall clock, in milliseconds since 1970. */
  readonly readWallClock: () => number;
  /** Called after each change by this monitor or another one. */
  readonly onChanged: (record: MaintenanceRecord) => void;
  readonly logger: Logger;
}

/** Maintenance of services. A command that one monitor receives takes effect on all of them. */
export interface SharedMaintenance {
  /** The last command about each service, without maintenance that ended 30 days ago. */
  readonly records: readonly MaintenanceRecord[];
  saveAgain(): void;
  /** Receives commands of other monitors, and removes obsolete records, until `signal` aborts. Resolves when it does. */
  start(signal: AbortSignal): Promise<void>;
  /** @throws ExpectedError if too many services are in maintenance, or were in the last 30 days; if another command is later */
  startMaintenance(period: MaintenancePeriod): Promise<void>;
  endMaintenance(period: MaintenancePeriod): Promise<void>;
  /**
   * Applies records of another monitor.
   * @param isComplete whether they are all that it knows: it is then told what it lacks
   */
  receive(records: readonly MaintenanceRecord[], options: { readonly isComplete: boolean }): void;
}

export function createSharedMaintenance(options: SharedMaintenanceOptions): SharedMaintenance {
  const { restored, pubsub, save, remove, readWallClock, onChanged, logger } = options;
  let records: MaintenanceRecords = mergeMaintenanceRecords(new Map(), restored).records;
  let lastCommand = Promise.resolve();

  const publish = (changed: readonly MaintenanceRecord[]) => {
    const message: MaintenanceMessage = { v: 1, records: [...changed] };
    void pubsub.publish(pubsub.names.maintenanceChannel, message);
  };
  const saveInBackground = (record: MaintenanceRecord) => {
    // A later command in the database is that of another monitor, which publishes it.
    save(record).catch((error: unknown) => {
      logger.error({ err: error, subject: record.service }, 'maintenance could not be saved');
    });
  };
  const isObsolete = (record: MaintenanceRecord) => isObsoleteRecord(record, readWallClock());
  /** Obsolete records count for revisions only, until they are removed. */
  const getCurrent = (): MaintenanceRecords =>
    new Map([...records].filter(([, record]) => !isObsolete(record)));
  const removeObsolete = async (record: MaintenanceRecord) => {
    try {
      await remove(record);
    } catch (error) {
      logger.error({ err: error, subject: record.service }, 'ended maintenance could not be removed');
      return;
    }
    // Another command may have arrived meanwhile.
    if (records.get(record.service) !== record) return;
    records = new Map([...records].filter(([service]) => service !== record.service));
  };
  const removeAllObsolete = () => {
    for (const record of [...records.values()].filter(isObsolete)) void removeObsolete(record);
  };
  const apply = async (createRecord: (known: MaintenanceRecords) => MaintenanceRecord) => {
    const record = createRecord(records);
    const current = getCurrent();
    if (!current.has(record.service) && current.size >= MAX_MAINTENANCE_RECORDS) {
      const message = `At most ${MAX_MAINTENANCE_RECORDS} services can be in maintenance, or have been in the last 30 days.`;
      throw new ExpectedError('BAD_REQUEST', message);
    }
    if (!(await save(record))) {
      const message = `Another monitor has stored a later command about ${record.service}. Look at the maintenance, and repeat yours if it is still needed.`;
      throw new ExpectedError('CONFLICT', message);
    }
    // Another command may have arrived meanwhile.
    const merged = mergeMaintenanceRecords(records, [record]);
    ({ records } = merged);
    publish([record]);
    merged.changed.forEach(onChanged);
  };
  /** One command after the other: two at once would get the same revision, and one of them would be lost. */
  const applyInOrder = (createRecord: Parameters<typeof apply>[0]): Promise<void> => {
    const applied = lastCommand.then(() => apply(createRecord));
    lastCommand = applied.catch(() => undefined);
    return applied;
  };
  const receive: SharedMaintenance['receive'] = (received, { isComplete }) => {
    const current = getCurrent();
    const room = MAX_MAINTENANCE_RECORDS - current.size;
    const kept = received.filter((record) => !isObsolete(record));
    const known = kept.filter(({ service }) => current.has(service));
    const added = kept.filter(({ service }) => !current.has(service)).slice(0, room);
    const merged = mergeMaintenanceRecords(records, [...known, ...added]);
    ({ records } = merged);
    for (const record of merged.changed) {
      saveInBackground(record);
      onChanged(record);
    }
    const unknown = isComplete ? findUnknownRecords(getCurrent(), received) : [];
    if (unknown.length > 0) publish(unknown);
  };

  return {
    get records() {
      return [...getCurrent().values()];
    },
    saveAgain: () => getCurrent().forEach(saveInBackground),
    start(signal) {
      removeAllObsolete();
      const timer = setInterval(removeAllObsolete, REMOVAL_INTERVAL_MS);
      signal.addEventListener('abort', () => clearInterval(timer), { once: true });
      return subscribeToChannel({
        pubsub,
        channel: pubsub.names.maintenanceChannel,
        schema: maintenanceMessageSchema,
        listener: (message) => receive(message.records, { isComplete: false }),
        logger,
        signal,
      });
    },
    startMaintenance: (period) => applyInOrder((known) => createStartRecord(period, known, readWallClock())),
    endMaintenance: (period) => applyInOrder((known) => createEndRecord(period, known, readWallClock())),
    receive,
  };
}
