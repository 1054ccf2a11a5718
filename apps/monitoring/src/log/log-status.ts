import type { Heartbeat } from '@seguridad-abc/contracts';
import type { EventLog } from './event-log.js';
import type { OutboxRelay } from './relay.js';

/** Where the event log ends, and up to where it is published. */
export interface LogStatus {
  /**
   * Returns the status as of the last read of the log, and starts the next read: sending a heartbeat does not wait for it.
   * @returns undefined before the first read has ended
   */
  refresh(): Heartbeat['log'];
  /** When the published position last changed, as far as the calls of `refresh` have seen it. */
  readonly lastPublishAt: string | undefined;
}

/** Creates the part of monitoring's heartbeats that the monitor compares with the positions of reports. */
export function createLogStatus(
  eventLog: Pick<EventLog, 'end'>,
  relay: Pick<OutboxRelay, 'position'>,
): LogStatus {
  let end: Awaited<ReturnType<EventLog['end']>> | undefined;
  let published: number | undefined;
  let lastPublishAt: string | undefined;
  const readEnd = async () => {
    try {
      end = await eventLog.end();
    } catch {
      // The last known end remains. The storage watch reports the failure.
    }
  };
  void readEnd();
  return {
    get lastPublishAt() {
      return lastPublishAt;
    },
    refresh() {
      const last = end;
      void readEnd();
      const { position } = relay;
      // The first position that is known was published by an earlier run.
      if (published !== undefined && position !== published) lastPublishAt = new Date().toISOString();
      published = position ?? published;
      return (
        last && {
          id: last.logId,
          end: last.position,
          ...(position !== undefined && { published: position }),
        }
      );
    },
  };
}
