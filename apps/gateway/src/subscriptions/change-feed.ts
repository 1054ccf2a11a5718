import { setTimeout as delay } from 'node:timers/promises';
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
  /** The id of the event log. Absent in messages of earlier versions. */
  readonly log?: string | undefined;
  /** Changes after this one were published before it. */
  readonly late?: true | undefined;
  /** The trace context of the change, if it is traced. */
  readonly traceparent?: string | undefined;
}

/** The owner and id of the rule or alarm that changed. */
export interface ChangedEntity {
  readonly id: string;
  readonly userId: string;
}

export interface ChangesRequest<StoredChange> {
  /** A position in the event log. */
  readonly after: number;
  /** `null` asks for the changes of all users. */
  readonly userId: string | null;
  readonly limit: number;
  readonly signal: AbortSignal;
  /** Time limit for all instances of reports together. */
  readonly timeoutMs?: number;
  /**
   * Whether a page is from an instance of reports that is behind. Then the next instance is asked. If all are behind, the result is the
   * page with the highest position. @default any page is good enough
   */
  readonly isBehind?: (page: ChangesPage<StoredChange>) => boolean;
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
export type FetchChanges<StoredChange> = (
  request: ChangesRequest<StoredChange>,
) => Promise<ChangesPage<StoredChange>>;

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
  /**
   * A change from before the start of the feed is news if it arrives within this time, in milliseconds: it was committed while the
   * feed started. Later it comes from an instance of reports that is behind. @default 2_000
   */
  readonly startGraceMs?: number | undefined;
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
  /** Whether the feed has followed another log since that one. An instance of reports that still holds it is behind. */
  isReplacedLog(logId: string): boolean;
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
/** How often, and how long at most, a page is read again that an instance of reports sent which is behind. */
const BEHIND_RETRY_MS = 50;
const MAX_BEHIND_MS = 1_000;
/** Greater than every position. A page after it is empty, and its position is the end of the log. */
export const MAX_POSITION = 999_999_999_999_999;
/** The feed recognizes a repeated message if at most this many other entities changed in between. */
const MAX_REMEMBERED_ENTITIES = 10_000;
/** A restore replaces the log, and instances of reports follow it within seconds. */
const MAX_REPLACED_LOGS = 10;

/**
 * The feed follows the changes that reports publishes: live on a pub/sub channel, with reports' HTTP route as backfill.
 * While Redis is away, it asks that route at a short interval. It runs while at least one subscriber listens.
 *
 * Every instance of reports publishes every change, at its own pace. The feed takes each from the instance that is first, and
 * drops it from the others. Any instance answers the route. If one is behind, the next one is asked; the first
 * page is read from all of them, and the newest is taken.
 */
export function createChangeFeed<FedChange extends RuleOrAlarmChange, Event>(
  options: ChangeFeedOptions<FedChange, Event>,
): ChangeFeed<Event> {
  const { name, pubsub, channel, schema, getEntity, toEvent, fetchChanges, logger } = options;
  const { checkIntervalMs = 5_000, withoutRedisIntervalMs = 500, startGraceMs = 2_000 } = options;
  let running: RunningFeed | undefined;
  const listeners = createUserListeners<ChangeListener<Event>>(
    () => (running = start()),
    () => {
      running?.stop();
      running = undefined;
    },
  );

  /** Reports keeps the last change of each entity only, so a page may repeat a change or miss one that was live. */
  const createDelivery = (delivered: RecentPositions) => {
    return (changes: readonly FedChange[], getCursor: (change: FedChange) => LogCursor | undefined) => {
      for (const change of changes) {
        const { id, userId } = getEntity(change);
        // Without pages no change is repeated, and a restored log uses positions again.
        if (fetchChanges && !delivered.advance(id, change.position)) continue;
        const event = toEvent(change, getCursor(change));
        listeners.forEachOf(userId, ({ onEvent }) => onEvent(event));
      }
    };
  };

  /** The ids of logs that another one has replaced, the last ones. */
  const replacedLogs = new Set<string>();
  const rememberReplacedLog = (logId: string) => {
    replacedLogs.delete(logId);
    replacedLogs.add(logId);
    const [oldest = ''] = replacedLogs;
    if (replacedLogs.size > MAX_REPLACED_LOGS) replacedLogs.delete(oldest);
  };

  const start = (): RunningFeed => {
    const abort = new AbortController();
    const { signal } = abort;
    const delivered = createRecentPositions();
    const deliver = createDelivery(delivered);
    /** Changes that were received live, also those that are not delivered yet. */
    const received = createRecentPositions();
    /** Some instance of reports has everything up to this position. */
    let publishedUpTo = 0;
    /** Where the feed was positioned, and when by the monotonic clock. */
    let origin: { readonly position: number; readonly at: number } | undefined;
    const inbox = createLiveInbox<FedChange>();
    let resolvePositioned = (): void => undefined;
    /** Whether another instance of reports has published a change before, or it is older than the feed. */
    const isRepeated = (change: FedChange) => {
      const { position } = change;
      const { id } = getEntity(change);
      if (delivered.has(id, position) || !received.advance(id, position)) return true;
      if (change.late || !verified || position > verified.position) return false;
      if (position <= delivered.forgottenUpTo) return true;
      return (
        origin !== undefined && position <= origin.position && performance.now() - origin.at > startGraceMs
      );
    };
    const isBehind = ({ logId, position }: ChangesPage<FedChange>) => {
      if (logId !== null && replacedLogs.has(logId)) return true;
      const ownLog = verified?.logId ?? null;
      return (
        (ownLog === null || ownLog === logId) && position < Math.max(verified?.position ?? 0, publishedUpTo)
      );
    };
    const receive = (change: FedChange) => {
      const { log, position, since } = change;
      if (!fetchChanges) {
        inbox.push({ position, previous: since, entry: change });
        return;
      }
      if (log !== undefined && replacedLogs.has(log)) return;
      const ownLog = verified?.logId ?? null;
      if (log !== undefined && ownLog !== null && log !== ownLog) {
        // A page shows whether that log has replaced this one. The feed then starts again.
        inbox.requestBackfill();
        return;
      }
      if (isRepeated(change)) return;
      publishedUpTo = Math.max(publishedUpTo, position);
      inbox.push({ position, previous: since, entry: change });
    };
    const subscribed = subscribeToChannel({
      pubsub,
      channel,
      schema,
      listener: receive,
      logger,
      signal,
    });
    let verified: LogCheckpoint | undefined;
    const positioned = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve());
      resolvePositioned = resolve;
    });
    const follower = createLogFollower<FedChange>({
      readPage:
        fetchChanges &&
        ((after, pageSignal) => readPage(fetchChanges, { after, isBehind, replacedLogs }, pageSignal)),
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
        origin ??= { position: to.position, at: performance.now() };
        resolvePositioned();
        deliver(changes, ({ position }) => toCursor(to, Math.max(position, before)));
      },
      applyUnverified(changes) {
        deliver(changes, () => verified && toCursor(verified, verified.position));
      },
      onProblem(problem) {
        if (problem?.kind !== 'blocked') return;
        const replacedLog = verified?.logId ?? null;
        if (replacedLog !== null) rememberReplacedLog(replacedLog);
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
    isReplacedLog: (logId) => replacedLogs.has(logId),
  };
}

/** The position of the last change of each entity, for a limited number of entities. */
interface RecentPositions {
  /** Whether this change of an entity, or one after it, is known. */
  has(id: string, position: number): boolean;
  /** Records a change of an entity. @returns false if it, or one after it, is known */
  advance(id: string, position: number): boolean;
  /** Changes up to this position may be forgotten. */
  readonly forgottenUpTo: number;
}

function createRecentPositions(): RecentPositions {
  const lastPositions = new Map<string, number>();
  let forgottenUpTo = 0;
  const has = (id: string, position: number) => position <= (lastPositions.get(id) ?? 0);
  return {
    has,
    advance(id, position) {
      if (has(id, position)) return false;
      lastPositions.delete(id);
      lastPositions.set(id, position);
      if (lastPositions.size > MAX_REMEMBERED_ENTITIES) {
        const [[oldest, forgotten] = ['', 0]] = lastPositions;
        lastPositions.delete(oldest);
        forgottenUpTo = Math.max(forgottenUpTo, forgotten);
      }
      return true;
    },
    get forgottenUpTo() {
      return forgottenUpTo;
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

interface PageRequest<FedChange> {
  /** Undefined: the page is empty, at the end of the log. */
  readonly after: number | undefined;
  readonly isBehind: (page: ChangesPage<FedChange>) => boolean;
  readonly replacedLogs: ReadonlySet<string>;
}

/** Reads a page. While reports builds its read model again, the page is behind what was delivered. */
async function readPage<FedChange extends RuleOrAlarmChange>(
  fetchChanges: FetchChanges<FedChange>,
  { after, isBehind, replacedLogs }: PageRequest<FedChange>,
  signal: AbortSignal,
) {
  const fetchPage = () =>
    runWithTimeout(FETCH_TIMEOUT_MS, signal, (limited) =>
      fetchChanges({
        after: after ?? MAX_POSITION,
        userId: null,
        limit: MAX_PAGE_CHANGES,
        // An instance that hangs must leave time for the others.
        timeoutMs: FETCH_TIMEOUT_MS,
        // A feed that started at an old position would deliver old changes as news.
        isBehind: after === undefined ? () => true : isBehind,
        signal: limited,
      }),
    );
  const { logId, position, changes } = await fetchCurrentPage(fetchPage, isBehind, signal);
  if (logId !== null && replacedLogs.has(logId))
    throw new Error('reports still holds the log from before it was restored');
  const head = Math.max(position, after ?? 0);
  const last = changes.length < MAX_PAGE_CHANGES ? undefined : changes.at(-1);
  return { logId, head, entries: changes, upTo: last?.position ?? head };
}

/**
 * Fetches a page again, for a short time, while all instances of reports are behind.
 * @returns the last page, which may still be behind
 */
export async function fetchCurrentPage<Page>(
  fetchPage: () => Promise<Page>,
  isBehind: (page: Page) => boolean,
  signal: AbortSignal,
): Promise<Page> {
  const deadline = performance.now() + MAX_BEHIND_MS;
  for (;;) {
    const page = await fetchPage();
    if (!isBehind(page) || performance.now() > deadline) return page;
    await delay(BEHIND_RETRY_MS, undefined, { signal });
  }
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
