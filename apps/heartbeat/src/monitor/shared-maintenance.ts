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

export interface SharedMaintenanceOptions {
  /** What the previous run has stored. */
  readonly restored: readonly MaintenanceRecord[];
  readonly pubsub: RedisPubSubClient;
  readonly save: SharedMaintenance['save'];
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
  /** Stores a record. Resolves when it survives a power failure. */
  save(record: MaintenanceRecord): Promise<void>;
  saveAgain(): void;
  /** Receives commands of other monitors until `signal` aborts. Resolves when it does. */
  start(signal: AbortSignal): Promise<void>;
  /** @throws ExpectedError if too many services are in maintenance, or were in the last 30 days */
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
    save(record).catch((error: unknown) => {
      logger.error({ err: error, subject: record.service }, 'maintenance could not be saved');
    });
  };
  const isObsolete = (record: MaintenanceRecord) => isObsoleteRecord(record, readWallClock());
  const removeObsolete = () => {
    for (const record of [...records.values()].filter(isObsolete)) {
      records = new Map([...records].filter(([service]) => service !== record.service));
      remove(record).catch((error: unknown) => {
        logger.error({ err: error, subject: record.service }, 'ended maintenance could not be removed');
      });
    }
  };
  const apply = async (createRecord: (known: MaintenanceRecords) => MaintenanceRecord) => {
    removeObsolete();
    const record = createRecord(records);
    if (!records.has(record.service) && records.size >= MAX_MAINTENANCE_RECORDS) {
      const message = `At most ${MAX_MAINTENANCE_RECORDS} services can be in maintenance, or have been in the last 30 days.`;
      throw new ExpectedError('BAD_REQUEST', message);
    }
    await save(record);
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
    removeObsolete();
    const room = MAX_MAINTENANCE_RECORDS - records.size;
    const kept = received.filter((record) => !isObsolete(record));
    const known = kept.filter(({ service }) => records.has(service));
    const added = kept.filter(({ service }) => !records.has(service)).slice(0, room);
    const merged = mergeMaintenanceRecords(records, [...known, ...added]);
    ({ records } = merged);
    for (const record of merged.changed) {
      saveInBackground(record);
      onChanged(record);
    }
    const unknown = isComplete ? findUnknownRecords(records, received) : [];
    if (unknown.length > 0) publish(unknown);
  };

  return {
    get records() {
      removeObsolete();
      return [...records.values()];
    },
    save,
    saveAgain: () => records.forEach(saveInBackground),
    start: (signal) =>
      subscribeToChannel({
        pubsub,
        channel: pubsub.names.maintenanceChannel,
        schema: maintenanceMessageSchema,
        listener: (message) => receive(message.records, { isComplete: false }),
        logger,
        signal,
      }),
    startMaintenance: (period) => applyInOrder((known) => createStartRecord(period, known)),
    endMaintenance: (period) => applyInOrder((known) => createEndRecord(period, known, readWallClock())),
    receive,
  };
}
