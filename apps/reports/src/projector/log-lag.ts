import { createLogLagMeter, type LogLag, type RedisPubSubClient } from '@seguridad-abc/platform';
import { readStreamEnd } from './log-stream.js';
import type { ReadLogPage } from './log-client.js';

/** A head that was observed within this time is not read again. */
const MIN_REFRESH_INTERVAL_MS = 1_000;
/** Greater than every position: the page after it is empty, and its head is the end of the log. */
const MAX_POSITION = 999_999_999_999_999;

/** How far the read model is behind the event log of monitoring. */
export interface ProjectionLag {
  /** As of the last observation; undefined before the first. */
  readonly lag: LogLag | undefined;
  /** The id of the log, as of the last page. Undefined before the first, and while the log cannot be read. */
  readonly logId: string | undefined;
  /** Reads pages of the log, and observes where it ends. */
  readonly readLogPage: ReadLogPage;
  /** Reads where the log ends, if no page was read within the last second. Never rejects. */
  refresh(): Promise<void>;
}

/**
 * The lag is measured against the log itself, not against its copy on the Redis Stream: the copy may be behind. Only while
 * monitoring does not answer, the end of the stream counts.
 * @param pubsub its sending connection reads the stream: reads of the stream source would delay the refresh
 * @param getPosition the position of the read model's checkpoint
 * @param now a monotonic clock, in milliseconds
 */
export function createProjectionLag(
  readLogPage: ReadLogPage,
  { publisher, names }: Pick<RedisPubSubClient, 'publisher' | 'names'>,
  getPosition: () => number,
  now: () => number = () => performance.now(),
): ProjectionLag {
  const meter = createLogLagMeter(now);
  let observedAt = -Infinity;
  let logId: string | undefined;

  const readAndObserve: ReadLogPage = async (...args) => {
    const page = await readLogPage(...args);
    observedAt = now();
    logId = page.logId;
    meter.observeHead(page.head);
    return page;
  };

  return {
    get lag() {
      return meter.measure(getPosition());
    },
    get logId() {
      return logId;
    },
    readLogPage: readAndObserve,
    async refresh() {
      if (now() - observedAt < MIN_REFRESH_INTERVAL_MS) return;
      try {
        await readAndObserve({ logId: null, position: MAX_POSITION }, 1, new AbortController().signal);
      } catch {
        logId = undefined;
        const end = await readStreamEnd(publisher, names.logStream).catch(() => undefined);
        const position = getPosition();
        const knownEnd = position + (meter.measure(position)?.entries ?? 0);
        // A stream that ends earlier is behind the log. It does not show that the log is shorter.
        if (end && end.position > knownEnd) meter.observeHead(end.position);
      }
    },
  };
}
