import type { DeviceState } from '@seguridad-abc/contracts';
import type { Logger, VerifiedDeviceRequest } from '@seguridad-abc/platform';
import { LRUCache } from 'lru-cache';
import type { GroupCommit } from '../db/group-commit.js';
import { runAll } from '../db/run-all.js';
import type { DeviceActivity, DeviceTableAccess } from './device-repository.js';

/** The activity of a device is written at most once in this time. */
const WRITE_INTERVAL_MS = 60_000; // 1 minute
/** Devices whose activity is kept in memory, about 200 bytes each. */
const MAX_DEVICES_IN_MEMORY = 50_000;
/** Signed requests that are remembered, about 250 bytes each. An older request is stale, and the gateway refuses it. */
const MAX_REMEMBERED_REQUESTS = 50_000;

/** Remembers when devices were seen and which signed requests they sent. */
export interface DeviceActivityRecorder {
  /** Records a request of a device. */
  recordRequest(device: Pick<DeviceState, 'id' | 'userId'>): void;
  /**
   * Records a signed request of a device of a user. Its repetitions are counted, whichever gateway received them; a restart of
   * monitoring forgets the requests, not the count. Of several instances of monitoring, each counts those that it receives again.
   */
  recordSignedRequest(request: VerifiedDeviceRequest, userId: string): void;
  /** The activity of known devices, by their ids. */
  find(ids: readonly string[]): Promise<ReadonlyMap<string, DeviceActivity>>;
  /** Writes what is not written yet. */
  flush(): Promise<void>;
}

interface UnwrittenActivity {
  readonly userId: string;
  seenAt: string;
  isWritten: boolean;
  writtenAtMs: number;
  repeats: number;
}

export interface DeviceActivityRecorderOptions {
  readonly table: Pick<DeviceTableAccess, 'addActivity'>;
  /** Reads what is committed. */
  readonly reader: Pick<DeviceTableAccess, 'findActivities'>;
  readonly transact: GroupCommit;
  /** The server's instant. */
  readonly now: () => string;
  readonly logger: Logger;
}

export function createDeviceActivityRecorder(options: DeviceActivityRecorderOptions): DeviceActivityRecorder {
  const { table, reader, transact, now, logger } = options;
  const activities = new LRUCache<string, UnwrittenActivity>({ max: MAX_DEVICES_IN_MEMORY });
  const receptions = new LRUCache<string, number>({ max: MAX_REMEMBERED_REQUESTS });

  const write = async (deviceId: string, activity: UnwrittenActivity) => {
    const { userId, seenAt, repeats } = activity;
    activity.writtenAtMs = Date.parse(seenAt);
    activity.isWritten = true;
    activity.repeats = 0;
    try {
      await transact(() => table.addActivity(deviceId, seenAt, repeats), { users: [userId] });
    } catch (error) {
      activity.repeats += repeats;
      activity.isWritten = false;
      logger.error({ err: error, device: deviceId }, 'the activity of a device could not be stored');
    }
  };

  const record = (deviceId: string, userId: string, repeats: number) => {
    const seenAt = now();
    const activity = activities.get(deviceId) ?? {
      userId,
      seenAt,
      isWritten: false,
      writtenAtMs: -Infinity,
      repeats: 0,
    };
    activity.seenAt = seenAt;
    activity.isWritten = false;
    activity.repeats += repeats;
    activities.set(deviceId, activity);
    // The command of the request does not wait for it, but usually shares its transaction.
    if (Math.abs(Date.parse(seenAt) - activity.writtenAtMs) >= WRITE_INTERVAL_MS)
      void write(deviceId, activity);
  };

  return {
    recordRequest: ({ id, userId }) => record(id, userId, 0),

    recordSignedRequest({ deviceId, signedAt, bodyHash }, userId) {
      const key = `${deviceId} ${signedAt} ${bodyHash}`;
      const earlier = receptions.get(key) ?? 0;
      receptions.set(key, earlier + 1);
      if (earlier > 0)
        logger.info(
          { device: deviceId, signedAt, receptions: earlier + 1 },
          'a signed request was received again; its readings are duplicates',
        );
      record(deviceId, userId, earlier > 0 ? 1 : 0);
    },

    async find(ids) {
      const stored = await reader.findActivities(ids);
      return new Map(
        Array.from(stored, ([id, { lastSeenAt, repeatedRequests }]) => {
          const unwritten = activities.peek(id);
          return [
            id,
            {
              lastSeenAt: getLater(unwritten?.seenAt, lastSeenAt),
              repeatedRequests: repeatedRequests + (unwritten?.repeats ?? 0),
            },
          ];
        }),
      );
    },

    async flush() {
      await runAll(
        Array.from(activities.entries(), async ([id, activity]) => {
          if (!activity.isWritten) await write(id, activity);
        }),
      );
    },
  };
}

/** The device may have been seen later by another instance of monitoring. */
const getLater = (own: string | undefined, stored: string | null): string | null =>
  own !== undefined && (stored === null || own > stored) ? own : stored;
