import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import { SubgraphSubscriptionError, type DataSources } from '../data-sources/data-source.js';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.js';
import { createCodedError, createShutdownError, toClientError } from '../shared/errors.js';
import type { OperationContext } from '../shared/operation-context.js';
import { selectLogger, type StructuredLogger } from '../shared/logger.js';
import { createExpiryTimer } from '../shared/timers.js';
import type { PreparedRequest, RejectedRequest } from '../operations/request-preparer.js';
import {
  createBufferedPayloadSender,
  createSharedSubscription,
  type SubscriberState,
  type ExecuteEvent,
  type SharedSubscription,
} from './shared-subscription.js';
import type { RunningSubscription, Subscriber, SubscriptionEnd } from './subscriber.js';
import {
  createSharingKey,
  dependsOnCaller,
  resolveSubscription,
  SubscriptionRejection,
  type EventStreamIdentity,
  type PreparedSubscription,
  type ResolvedSubscription,
} from './subscription-request.js';
import type { SubscriptionSource, SubscriptionSources } from './subscription-source.js';
import { SubscriptionFieldRecorder, type SubscriptionStatistics } from './subscription-statistics.js';
import { createTimeSlicedQueue } from './time-sliced-queue.js';

/** The part of an operation context that identifies the caller of a subscription. */
export interface SubscriptionContext extends Pick<OperationContext, 'logger'> {
  /**
   * Equal for callers with equal authorization. It must cover everything about a caller that reaches a subgraph or a
   * source. Without it, a subscription that depends on the caller is not shared.
   */
  readonly authorizationKey?: string | undefined;
  /**
   * Called before each event of the subscription is executed, so that its caller pays for it. If it throws, the subscription ends with
   * that error. @default events are free
   * @param nowMs the time as `performance.now()` returns it. It is read once for all subscribers of an event, because reading it can
   *   take longer than to charge one of them
   */
  readonly chargeEvent?: ((nowMs: number) => void) | undefined;
}

/** Limits of an executor's subscriptions. */
export interface SubscriptionLimits {
  /** Maximum number of subscriptions that run at the same time. @default Infinity */
  readonly maxSubscriptions?: number;
  /** Time in milliseconds after which a subscription ends with SUBSCRIPTION_EXPIRED; its client subscribes again. @default Infinity */
  readonly maxLifetimeMs?: number;
  /** Payloads wait in a queue while the client's connection has more unsent bytes than this. @default 262_144 // 256 KiB */
  readonly maxUnsentBytes?: number;
  /** Maximum number of payloads in that queue. One more ends the subscription with SUBSCRIBER_TOO_SLOW. @default 1_000 */
  readonly maxUnread?: number;
}

export interface SubscriptionManagerOptions<Context> {
  readonly sources: SubscriptionSources<Context>;
  /** Returns the data sources of a supergraph. They provide the events of the fields without a source. */
  readonly getDataSources: (supergraph: LoadedSupergraph) => DataSources;
  /** Prepares a request for the current supergraph. The promise is never rejected. */
  readonly prepareAgain: (
    request: PreparedRequest,
  ) => PreparedRequest | RejectedRequest | Promise<PreparedRequest | RejectedRequest>;
  /** Whether a request was prepared with the current supergraph. */
  readonly isCurrent: (request: PreparedRequest) => boolean;
  readonly executeEvent: ExecuteEvent<Context>;
  /** @param context absent if the error concerns several subscribers */
  readonly formatError: (error: GraphQLError, context?: Context) => GraphQLFormattedError;
  readonly limits: SubscriptionLimits;
  readonly logger: StructuredLogger;
}

/** Runs all subscriptions of an executor and shares what equal ones have in common. */
export interface SubscriptionManager<Context> {
  /**
   * Starts a subscription. A rejected one ends before this returns, unless it must be planned again after a reload.
   * @param after the cursor after which the subscription resumes; it replaces that of the operation
   */
  subscribe(
    request: PreparedRequest,
    context: Context,
    subscriber: Subscriber,
    after?: string,
  ): RunningSubscription;
  /** Number of subscriptions that run now. */
  readonly subscriptionCount: number;
  readonly statistics: SubscriptionStatistics;
  /** Plans all subscriptions with the current supergraph; ends those that do not fit it. */
  replan(): Promise<void>;
  /** Ends all subscriptions and rejects new ones. */
  close(): Promise<void>;
}

/** A shared subscription with the request that it was created for. */
interface SharedEntry<Context> {
  readonly shared: SharedSubscription<Context>;
  readonly source: SubscriptionSource<Context>;
  readonly stream: EventStreamIdentity;
  subscription: PreparedSubscription;
}

export function createSubscriptionManager<Context extends SubscriptionContext & OperationContext>(
  options: SubscriptionManagerOptions<Context>,
): SubscriptionManager<Context> {
  const { sources, getDataSources, prepareAgain, isCurrent, executeEvent, formatError, limits, logger } =
    options;
  const { maxSubscriptions = Infinity, maxLifetimeMs = Infinity } = limits;
  const { maxUnsentBytes = 262_144, maxUnread = 1_000 } = limits;
  const queue = createTimeSlicedQueue();
  const entries = new Set<SharedEntry<Context>>();
  const entriesByKey = new Map<string, SharedEntry<Context>>();
  const subscribers = new Set<SubscriberState<Context>>();
  /** A supergraph has few subscription fields, and only operations that fit it get here. */
  const fieldStatistics = new Map<string, SubscriptionFieldRecorder>();
  const getFieldStatistics = (field: string): SubscriptionFieldRecorder => {
    let statistics = fieldStatistics.get(field);
    if (!statistics) fieldStatistics.set(field, (statistics = new SubscriptionFieldRecorder()));
    return statistics;
  };
  const now = () => performance.now();
  let isClosing = false;

  const toEnd = (error: GraphQLError, context?: Context): SubscriptionEnd => ({
    errors: [formatError(error, context)],
  });
  const dispatcher = createBufferedPayloadSender({
    maxUnsentBytes,
    maxUnread,
    queue,
    createTooSlowEnd: () => toEnd(createTooSlowError()),
  });
  const lifetimeTimer = createExpiryTimer(subscribers, maxLifetimeMs, now, (state) => {
    void queue.run(() => dispatcher.endNow(state, toEnd(createLifetimeError())));
  });

  const createEntry = (
    { subscription, source, args, stream }: ResolvedSubscription<Context>,
    key: string | undefined,
  ): SharedEntry<Context> => {
    const field = subscription.subscriptionPlan.rootField.name.value;
    const toErrorEnd = (error: unknown, context: Context) => {
      const ownLogger = selectLogger(context, logger);
      return toEnd(toClientError(error, ownLogger, 'subscription source failed', { field }), context);
    };
    const shared = createSharedSubscription<Context>({
      source,
      args,
      subscription,
      executeEvent,
      chargeEvent: (context, nowMs) => context.chargeEvent?.(nowMs),
      toErrorEnd,
      async toStreamErrorEnd(error, context) {
        if (!(error instanceof SubgraphSubscriptionError)) return toErrorEnd(error, context);
        // As if the subgraph had sent them for an event.
        const { errors = [] } = await executeEvent(
          entry.subscription,
          { data: null, errors: error.errors },
          context,
        );
        return { errors };
      },
      dispatcher,
      queue,
      statistics: getFieldStatistics(field),
      onSubscriberEnd: (state) => void subscribers.delete(state),
      onClose() {
        entries.delete(entry);
        if (key !== undefined && entriesByKey.get(key) === entry) entriesByKey.delete(key);
      },
    });
    const entry: SharedEntry<Context> = { shared, source, subscription, stream };
    entries.add(entry);
    if (key !== undefined) entriesByKey.set(key, entry);
    return entry;
  };

  /** @throws SubscriptionRejection */
  const start = (
    request: PreparedRequest | RejectedRequest,
    context: Context,
    subscriber: Subscriber,
    resumeAfter: string | undefined,
  ): SubscriberState<Context> => {
    if (isClosing) throw new SubscriptionRejection([createShutdownError()]);
    if (subscribers.size >= maxSubscriptions)
      throw new SubscriptionRejection([createTooManySubscriptionsError(maxSubscriptions)]);
    const resolved = resolveSubscription(request, sources, getDataSources);
    const { subscription, source, after: requestedCursor } = resolved;
    const after = (source.resumeArgument === undefined ? undefined : resumeAfter) ?? requestedCursor;
    const key = createSharingKey(subscription, source, context.authorizationKey);
    const existing = key === undefined ? undefined : entriesByKey.get(key);
    const { shared } = existing ?? createEntry(resolved, key);
    const state = shared.add({ subscriber, context, after, since: now() });
    // A source that rejects the caller at once has already ended the subscription.
    if (!state.hasEnded) subscribers.add(state);
    lifetimeTimer.start();
    return state;
  };

  /** Starts a subscription, or ends it if it is rejected. */
  const startOrEnd = (
    request: PreparedRequest | RejectedRequest,
    context: Context,
    subscriber: Subscriber,
    resumeAfter: string | undefined,
  ): RunningSubscription => {
    try {
      const state = start(request, context, subscriber, resumeAfter);
      return { unsubscribe: () => dispatcher.remove(state) };
    } catch (error) {
      const errors =
        error instanceof SubscriptionRejection
          ? error.errors
          : [toClientError(error, selectLogger(context, logger), 'subscription failed to start')];
      subscriber.end({ errors: errors.map((each) => formatError(each, context)) });
      return { unsubscribe: () => undefined };
    }
  };

  /** Starts a subscription that a reload has overtaken, when it is planned for the current supergraph. */
  const startWhenPrepared = (
    prepared: Promise<PreparedRequest | RejectedRequest>,
    context: Context,
    subscriber: Subscriber,
    resumeAfter: string | undefined,
  ): RunningSubscription => {
    let running: RunningSubscription | undefined;
    let isCancelled = false;
    void prepared.then((request) => {
      if (!isCancelled) running = startCurrent(request, context, subscriber, resumeAfter);
    });
    return {
      unsubscribe() {
        isCancelled = true;
        running?.unsubscribe();
      },
    };
  };

  const startCurrent = (
    request: PreparedRequest | RejectedRequest,
    context: Context,
    subscriber: Subscriber,
    resumeAfter: string | undefined,
  ): RunningSubscription => {
    if ('errors' in request || isCurrent(request) || isClosing) {
      return startOrEnd(request, context, subscriber, resumeAfter);
    }
    const current = prepareAgain(request);
    return current instanceof Promise
      ? startWhenPrepared(current, context, subscriber, resumeAfter)
      : startOrEnd(current, context, subscriber, resumeAfter);
  };

  /** @returns false if the subscription does not fit the current supergraph, or may no longer be shared */
  const replanEntry = (entry: SharedEntry<Context>, request: PreparedRequest | RejectedRequest): boolean => {
    try {
      const { subscription, source, stream } = entry;
      const resolved = resolveSubscription(request, sources, getDataSources);
      const { subscription: next, stream: nextStream } = resolved;
      const canStillShare = dependsOnCaller(subscription, source) || !dependsOnCaller(next, resolved.source);
      if (!canStillShare) return false;
      // Clients that share the subscription can differ in what the new requirements demand.
      if (next.accessKey !== subscription.accessKey) return false;
      if (nextStream.requestJson !== stream.requestJson || nextStream.dataSource !== stream.dataSource)
        return false;
      entry.subscription = next;
      entry.shared.replacePlan(next);
      return true;
    } catch (error) {
      logger.debug({ err: error }, 'subscription does not fit the new supergraph');
      return false;
    }
  };

  return {
    get subscriptionCount() {
      return subscribers.size;
    },
    get statistics() {
      const { slowSubscribers } = dispatcher;
      const { sentPayloads, droppedPayloads, tooSlowEnds } = dispatcher.statistics;
      let unreadPayloads = 0;
      for (const { unread } of slowSubscribers) unreadPayloads += unread?.size ?? 0;
      return {
        running: subscribers.size,
        groups: entries.size,
        slowSubscribers: slowSubscribers.size,
        unreadPayloads,
        fields: fieldStatistics,
        sentPayloads,
        droppedPayloads,
        tooSlowEnds,
      };
    },
    subscribe: startCurrent,
    async replan() {
      for (const entry of [...entries]) {
        const request = await prepareAgain(entry.subscription);
        const fits = await queue.run(() => replanEntry(entry, request));
        if (!fits) await entry.shared.endAll(toEnd(createReloadError()));
      }
    },
    async close() {
      isClosing = true;
      lifetimeTimer.stop();
      const end = toEnd(createShutdownError());
      await Promise.all([...subscribers].map((state) => queue.run(() => dispatcher.endNow(state, end))));
    },
  };
}

const createTooManySubscriptionsError = (max: number): GraphQLError =>
  createCodedError(
    'TOO_MANY_SUBSCRIPTIONS',
    `The server already runs its maximum of ${max} subscriptions. Subscribe again later.`,
  );

const createTooSlowError = (): GraphQLError =>
  createCodedError('SUBSCRIBER_TOO_SLOW', 'The client left too many payloads unread. Subscribe again.');

const createLifetimeError = (): GraphQLError =>
  createCodedError('SUBSCRIPTION_EXPIRED', 'The subscription reached its maximum lifetime. Subscribe again.');

const createReloadError = (): GraphQLError =>
  createCodedError(
    'SUBSCRIPTION_SCHEMA_RELOAD',
    'The schema changed. Subscribe again with an operation that fits it.',
  );
