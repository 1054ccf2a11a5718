import {
  createLiveInbox,
  createLogFollower,
  runWithTimeout,
  subscribeToChannel,
  type LogCheckpoint,
  type Logger,
  type RedisPubSubClient,
} from '@seguridad-abc/platform';
import type { z } from 'zod';

/** A change of a rule or an alarm, as reports publishes it. */
export interface RuleOrAlarmChange {
  readonly kind: string;
  /** The position in the event log. */
  readonly position: number;
  /** The position of the change that was published before this one, if reports knows it. */
  readonly since?: number | undefined;
  /** The trace context of the change, if it is traced. */
  readonly traceparent?: string | undefined;
}

/** The owner and id of the rule or alarm that changed. */
export interface ChangedEntity {
  readonly id: string;
  readonly userId: string;
}

export interface ChangesRequest {
  /** A position in the event log. */
  readonly after: number;
  /** `null` asks for the changes of all users. */
  readonly userId: string | null;
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** The last change of each entity that changed after a position, in log order. */
export interface ChangesPage<StoredChange> {
  /** `null` until reports has read the event log. */
  readonly logId: string | null;
  /** The position up to which reports holds the log. */
  readonly position: number;
  /** Changes up to this position may be missing, because history was removed. */
  readonly compactedUpTo?: number | undefined;
  /** If there are as many as the limit, the next page may have more. */
  readonly changes: readonly StoredChange[];
}

/**
 * Reads changes from reports.
 * @throws Error if reports cannot be reached
 */
export type FetchChanges<StoredChange> = (request: ChangesRequest) => Promise<ChangesPage<StoredChange>>;

/** The position in the event log up to which a subscriber has received every change. */
export interface LogCursor {
  readonly logId: string;
  readonly position: number;
}

export interface ChangeFeedOptions<FedChange extends RuleOrAlarmChange, Event> {
  /** For problem reasons and log lines: "alarm changes". */
  readonly name: string;
  readonly pubsub: Pick<RedisPubSubClient, 'subscribe' | 'subscriber'>;
  readonly channel: string;
  readonly schema: z.ZodType<FedChange>;
  readonly getEntity: (change: FedChange) => ChangedEntity;
  /**
   * Creates the event that every subscriber of a change receives.
   * @param cursor `undefined` if changes before this one may be missing
   */
  readonly toEvent: (change: FedChange, cursor: LogCursor | undefined) => Event;
  /** Without it changes are live only, and a lost message is not noticed. */
  readonly fetchChanges?: FetchChanges<FedChange> | undefined;
  /** Interval in milliseconds at which the feed asks reports for changes that pub/sub has lost. @default 5_000 */
  readonly checkIntervalMs?: number | undefined;
  /** Interval in milliseconds at which the feed asks reports while Redis is away. @default 500 */
  readonly withoutRedisIntervalMs?: number | undefined;
  readonly logger: Logger;
}

export interface ChangeListener<Event> {
  readonly onEvent: (event: Event) => void;
  /** Called when another event log replaces this one. No event follows, so the listener must listen again. */
  readonly onLogReplaced?: () => void;
}

/** Changes that all subscribers of this process share: one Redis subscription, one log follower. */
export interface ChangeFeed<Event> {
  /**
   * Delivers each change from now on, once, including those that pub/sub has lost.
   * @param userId `null` delivers the changes of all users
   */
  listen(userId: string | null, listener: ChangeListener<Event>, signal: AbortSignal): void;
  /**
   * Resolves when the feed knows at which position of the log it starts: every change after it is delivered, those before
   * it are not. Call it after `listen`.
   */
  waitUntilPositioned(): Promise<void>;
  /** The position up to which every change was delivered; 0 while it is not known. */
  readonly position: number;
}

interface RunningFeed {
  /** Resolves when the position is known, or the feed stops. */
  readonly positioned: Promise<void>;
  readonly getPosition: () => number;
  readonly stop: () => void;
}

/** A feed waits this long for Redis to confirm its subscription before it reads changes from reports. */
const SUBSCRIPTION_WAIT_MS = 1_000;
const MAX_PAGE_CHANGES = 500;
/** Reports must respond within this time. Later, changes are delivered as pub/sub brings them. */
const FETCH_TIMEOUT_MS = 2_000;
const RETRY_DELAY_MS = 1_000;
/** Greater than every position. A page after it is empty, and its position is the end of the log. */
export const MAX_POSITION = 999_999_999_999_999;
/** The feed recognizes a repeated message if at most this many other entities changed in between. */
const MAX_REMEMBERED_ENTITIES = 10_000;

/**
 * The feed follows the changes that reports publishes: live on a pub/sub channel, with reports' HTTP route as backfill.
 * While Redis is away, it asks that route at a short interval. It runs while at least one subscriber listens.
 */
export function createChangeFeed<FedChange extends RuleOrAlarmChange, Event>(
  options: ChangeFeedOptions<FedChange, Event>,
): ChangeFeed<Event> {
  const { name, pubsub, channel, schema, getEntity, toEvent, fetchChanges, logger } = options;
  const { checkIntervalMs = 5_000, withoutRedisIntervalMs = 500 } = options;
  let running: RunningFeed | undefined;
  const listeners = createUserListeners<ChangeListener<Event>>(
    () => (running = start()),
    () => {
      running?.stop();
      running = undefined;
    },
  );

  /** Reports keeps the last change of each entity only, so a page may repeat a change or miss one that was live. */
  const createDelivery = () => {
    const lastPositions = new Map<string, number>();
    const isNew = (id: string, position: number) => {
      if (position <= (lastPositions.get(id) ?? 0)) return false;
      lastPositions.delete(id);
      lastPositions.set(id, position);
      if (lastPositions.size > MAX_REMEMBERED_ENTITIES) {
        const [oldest = ''] = lastPositions.keys();
        lastPositions.delete(oldest);
      }
      return true;
    };
    return (changes: readonly FedChange[], getCursor: (change: FedChange) => LogCursor | undefined) => {
      for (const change of changes) {
        const { id, userId } = getEntity(change);
        // Without pages no change is repeated, and a restored log uses positions again.
        if (fetchChanges && !isNew(id, change.position)) continue;
        const event = toEvent(change, getCursor(change));
        listeners.forEachOf(userId, ({ onEvent }) => onEvent(event));
      }
    };
  };

  const start = (): RunningFeed => {
    const abort = new AbortController();
    const { signal } = abort;
    const deliver = createDelivery();
    const inbox = createLiveInbox<FedChange>();
    let resolvePositioned = (): void => undefined;
    const subscribed = subscribeToChannel({
      pubsub,
      channel,
      schema,
      listener: (change) => inbox.push({ position: change.position, previous: change.since, entry: change }),
      logger,
      signal,
    });
    let verified: LogCheckpoint | undefined;
    const positioned = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve());
      resolvePositioned = resolve;
    });
    const follower = createLogFollower<FedChange>({
      readPage: fetchChanges && ((after, pageSignal) => readPage(fetchChanges, after, pageSignal)),
      live: {
        ...inbox,
        async waitUntilConnected() {
          if (!fetchChanges) return subscribed;
          if (pubsub.subscriber.status === 'ready') await waitAtMost(subscribed, SUBSCRIPTION_WAIT_MS);
        },
      },
      lateEntries: 'verify',
      apply(changes, to) {
        const before = verified?.position ?? 0;
        verified = to;
        resolvePositioned();
        deliver(changes, ({ position }) => toCursor(to, Math.max(position, before)));
      },
      applyUnverified(changes) {
        deliver(changes, () => verified && toCursor(verified, verified.position));
      },
      onProblem(problem) {
        if (problem?.kind !== 'blocked') return;
        listeners.forEach(({ onLogReplaced }) => onLogReplaced?.());
        // Later subscribers follow the new log. The backfill of the new feed covers messages that arrive in between.
        if (running) running = start();
        abort.abort();
      },
      // The feed starts again by itself.
      blockedLogLevel: 'info',
      names: {
        follower: `feed of ${name}`,
        checkpoint: `the feed of ${name}`,
        log: 'the log that reports holds',
      },
      timing: {
        checkIntervalMs,
        unavailableRetryMs: checkIntervalMs,
        retryMs: RETRY_DELAY_MS,
        maxRetryMs: RETRY_DELAY_MS,
      },
      logger,
    });
    // Redis answers commands in order: PING is answered after the channels are subscribed to again.
    const onReady = () =>
      void pubsub.subscriber.ping().then(
        () => inbox.requestBackfill(),
        () => undefined,
      );
    void subscribed.then(() => {
      if (signal.aborted || !fetchChanges) return;
      // The feed may have read changes before Redis confirmed the subscription.
      if (verified) inbox.requestBackfill();
      pubsub.subscriber.on('ready', onReady);
      signal.addEventListener('abort', () => pubsub.subscriber.off('ready', onReady));
    });
    if (fetchChanges) {
      const askWithoutRedis = () => {
        if (pubsub.subscriber.status !== 'ready') inbox.requestBackfill();
      };
      const timer = setInterval(askWithoutRedis, withoutRedisIntervalMs);
      signal.addEventListener('abort', () => clearInterval(timer));
    }
    void follower.run(signal);
    const getPosition = () => verified?.position ?? 0;
    return { positioned, getPosition, stop: () => abort.abort() };
  };

  return {
    listen: (userId, listener, signal) => listeners.add(userId, listener, signal),
    waitUntilPositioned: () => running?.positioned ?? Promise.resolve(),
    get position() {
      return running?.getPosition() ?? 0;
    },
  };
}

/** Waits for a promise that does not reject, at most `ms` milliseconds. */
async function waitAtMost(promise: Promise<void>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}

async function readPage<FedChange extends RuleOrAlarmChange>(
  fetchChanges: FetchChanges<FedChange>,
  after: number | undefined,
  signal: AbortSignal,
) {
  const { logId, position, changes } = await runWithTimeout(FETCH_TIMEOUT_MS, signal, (limited) =>
    fetchChanges({ after: after ?? MAX_POSITION, userId: null, limit: MAX_PAGE_CHANGES, signal: limited }),
  );
  // While reports builds its read model again, it is behind what was delivered.
  const head = Math.max(position, after ?? 0);
  const last = changes.length < MAX_PAGE_CHANGES ? undefined : changes.at(-1);
  return { logId, head, entries: changes, upTo: last?.position ?? head };
}

/** A cursor covers delivered changes only, so it never exceeds the verified position. */
const toCursor = ({ logId, position: verified }: LogCheckpoint, position: number): LogCursor | undefined =>
  logId === null ? undefined : { logId, position: Math.min(position, verified) };

/** Listeners by the user whose changes they receive. The cost of a change depends on its listeners only. */
export interface UserListeners<Listener> {
  /** @param userId `null` adds a listener for the changes of all users */
  add(userId: string | null, listener: Listener, signal: AbortSignal): void;
  /** Calls back for the listeners of a user, then for those of all users. */
  forEachOf(userId: string, callback: (listener: Listener) => void): void;
  forEach(callback: (listener: Listener) => void): void;
}

/**
 * @param onFirst called when the first listener is added
 * @param onLast called when the last listener has left
 */
export function createUserListeners<Listener>(
  onFirst: () => void,
  onLast: () => void,
): UserListeners<Listener> {
  const byUser = new Map<string | null, Set<Listener>>();
  let size = 0;

  return {
    add(userId, listener, signal) {
      if (signal.aborted) return;
      const listeners = byUser.get(userId) ?? new Set();
      byUser.set(userId, listeners);
      listeners.add(listener);
      size += 1;
      if (size === 1) onFirst();
      const remove = () => {
        listeners.delete(listener);
        if (listeners.size === 0) byUser.delete(userId);
        size -= 1;
        if (size === 0) onLast();
      };
      signal.addEventListener('abort', remove, { once: true });
    },
    forEachOf(userId, callback) {
      for (const key of [userId, null]) for (const listener of byUser.get(key) ?? []) callback(listener);
    },
    forEach(callback) {
      for (const listeners of byUser.values()) for (const listener of listeners) callback(listener);
    },
  };
}
