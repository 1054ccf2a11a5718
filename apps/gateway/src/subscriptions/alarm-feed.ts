import { setTimeout as delay } from 'node:timers/promises';
import { ALARM_CHANGES_CHANNEL, alarmChangeSchema, type AlarmChange } from '@seguridad-abc/contracts';
import { subscribeToChannel, errorMessage, type Logger, type PubSub } from '@seguridad-abc/platform';
import type { FetchAlarmHistory } from './alarm-history.js';
import { createByUser } from './by-user.js';
import { createTally, type FedChange, type Tally } from './alarm-tally.js';

/** The changes of alarms, heard once in this process and told to those whom they concern. */
export interface AlarmFeed {
  /**
   * Each change from now on, once, also those that pub/sub has lost.
   * @param userId null: of all users
   * @param onReplaced the log has been replaced by another: nothing follows
   */
  hear(
    userId: string | null,
    listener: (change: FedChange) => void,
    onReplaced: () => void,
    signal: AbortSignal,
  ): void;
  /** Resolves when Redis has confirmed that changes are heard. To be called while somebody hears. */
  confirmed(): Promise<void>;
  /** Of the last change that was told. */
  readonly position: number;
}

export interface AlarmFeedOptions {
  readonly pubsub: Pick<PubSub, 'subscribe' | 'subscriber'>;
  readonly fetchHistory: FetchAlarmHistory;
  /** Reports is asked this often for what pub/sub has lost without a word. @default 5_000 // 5 seconds */
  readonly checkMs?: number;
  readonly logger: Logger;
}

interface RunningFeed {
  readonly confirmed: Promise<void>;
  readonly tally: Tally;
  stop(): void;
}

type Message = FedChange | 'replaced';

/** Of changes at a time. */
const PAGE = 500;
/** Where reports does not answer within this, what pub/sub brings is told as it comes. */
const FETCH_TIMEOUT_MS = 2_000;
/** Positions of a log are below. */
const BEYOND_ALL = 999_999_999_999_999;

/**
 * A change that follows the one before is told at once. Another is told once reports has said what else there is up to
 * there: a message may have been lost before one that was not, and a cursor says that nothing is missing.
 */
export function createAlarmFeed(options: AlarmFeedOptions): AlarmFeed {
  const { pubsub, fetchHistory, checkMs = 5_000, logger } = options;
  let running: RunningFeed | undefined;

  const hearers = createByUser<Message>(
    () => (running = start()),
    () => {
      running?.stop();
      running = undefined;
    },
  );
  const tell = (changes: readonly FedChange[]) => {
    for (const each of changes) hearers.tell(each.change.alarm.userId, each);
  };

  const start = (): RunningFeed => {
    const abort = new AbortController();
    const { signal } = abort;
    const tally = createTally();
    /** Heard, and not told yet. */
    let heard: AlarmChange[] = [];
    let isAsking = false;
    let isToAskAgain = false;

    /** @returns whether there is more */
    const askOnce = async (): Promise<boolean> => {
      const history = await fetchHistory({
        after: tally.position ?? BEYOND_ALL,
        userId: null,
        limit: PAGE,
        signal: AbortSignal.any([signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)]),
      });
      if (tally.isReplacedBy(history)) {
        hearers.tellAll('replaced');
        return false;
      }
      const isWhole = history.changes.length < PAGE;
      const upTo = isWhole ? history.position : (history.changes.at(-1)?.position ?? history.position);
      const waited = heard.filter(({ position }) => position <= upTo);
      heard = heard.filter(({ position }) => position > upTo);
      tell(tally.complete(history, waited, upTo));
      return !isWhole;
    };
    const catchUp = async () => {
      isToAskAgain = true;
      if (isAsking) return;
      isAsking = true;
      try {
        while (isToAskAgain && !signal.aborted) {
          isToAskAgain = false;
          while (await askOnce());
        }
      } catch (error) {
        if (!signal.aborted) {
          logger.debug(
            { error: errorMessage(error) },
            'reports was asked for changes of alarms and gave none',
          );
          tell(tally.unchecked(heard));
        }
        heard = [];
      } finally {
        isAsking = false;
      }
    };
    const confirmed = subscribeToChannel({
      pubsub,
      channel: ALARM_CHANGES_CHANNEL,
      schema: alarmChangeSchema,
      listener(change) {
        const following = isAsking ? undefined : tally.follow(change);
        if (following) {
          tell(following);
          return;
        }
        heard.push(change);
        void catchUp();
      },
      logger,
      signal,
    });
    // Commands of a connection are answered in order: this one after the channels are subscribed to again.
    const onReady = () => void pubsub.subscriber.ping().then(catchUp, () => undefined);
    const follow = async () => {
      await confirmed;
      if (signal.aborted) return;
      pubsub.subscriber.on('ready', onReady);
      for (;;) {
        await catchUp();
        await delay(checkMs, undefined, { signal });
      }
    };
    follow().catch(() => pubsub.subscriber.off('ready', onReady));
    return { confirmed, tally, stop: () => abort.abort() };
  };

  return {
    hear(userId, listener, onReplaced, signal) {
      const onMessage = (message: Message) => (message === 'replaced' ? onReplaced() : listener(message));
      hearers.add(userId, onMessage, signal);
    },
    confirmed: () => running?.confirmed ?? Promise.resolve(),
    get position() {
      return running?.tally.position ?? 0;
    },
  };
}
