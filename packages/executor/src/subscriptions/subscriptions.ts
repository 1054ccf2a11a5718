import type { FormattedExecutionResult, GraphQLError } from 'graphql';
import { toClientError } from '../shared/errors.js';
import type { OperationContext } from '../data-sources/data-source.js';
import type { Logger } from '../shared/logger.js';
import { createExpiryTimer } from '../shared/expiry-timer.js';
import type { GraphQLRequest, PreparedRequest, RejectedRequest } from '../operations/request-preparer.js';
import { createDelivery } from './delivery.js';
import type { Subscription } from './execute-event.js';
import { createGroup, type Group } from './group.js';
import type { Member } from './member.js';
import { expired, Refusal, reloaded, shuttingDown, tooMany, tooSlow } from './refusals.js';
import { argumentsOf, subscribed } from './requested.js';
import { dependsOnCaller, sharingKey } from './sharing.js';
import type { SubscriptionArguments, SubscriptionSource, SubscriptionSources } from './source.js';
import type { SubscriptionEnd, RunningSubscription, Subscriber } from './subscriber.js';
import { createTurns } from './turns.js';

/** What a caller of subscriptions is known by. */
export interface SubscriptionContext extends Pick<OperationContext, 'logger'> {
  /**
   * Equal for callers of equal authority: it covers everything about a caller that reaches a subgraph or a source.
   * Absent: what may depend on the caller is not shared with anybody.
   */
  readonly authorisationKey?: string | undefined;
}

export interface SubscriptionLimits {
  /** Subscriptions at a time, in all. @default Infinity */
  readonly maxSubscriptions?: number;
  /** A subscription is ended after this, for its client to come back. @default Infinity */
  readonly maxLifetimeMs?: number;
  /** Bytes that a client's connection has not taken; with more, payloads wait here. @default 262_144 // 256 KiB */
  readonly maxUnsentBytes?: number;
  /** Payloads that wait for one client; with more its subscription is ended. @default 1_000 */
  readonly maxUnread?: number;
}

export interface SubscriptionsOptions<Context> {
  readonly sources: SubscriptionSources<Context>;
  readonly prepare: (request: GraphQLRequest) => PreparedRequest | RejectedRequest;
  /** Whether a request was prepared with the supergraph that is served now. */
  readonly isCurrent: (request: PreparedRequest) => boolean;
  readonly execute: (
    subscription: Subscription,
    event: unknown,
    context: Context,
  ) => Promise<FormattedExecutionResult>;
  readonly formatError: (
    error: GraphQLError,
    context?: Context,
  ) => NonNullable<SubscriptionEnd['errors']>[number];
  readonly limits: SubscriptionLimits;
  readonly clock: () => number;
  readonly logger: Logger;
}

export interface Subscriptions<Context> {
  subscribe(request: PreparedRequest, context: Context, subscriber: Subscriber): RunningSubscription;
  /** How many run now. */
  readonly running: number;
  /** Of how many executions an event they have, at most. */
  readonly groups: number;
  /** Plans all again, after a new supergraph; those that do not fit it are ended. */
  renew(): Promise<void>;
  /** Ends all, and takes no new one. */
  close(): Promise<void>;
}

/** A group, and what it was made for. */
interface Shared<Context> {
  readonly group: Group<Context>;
  readonly source: SubscriptionSource<Context>;
  readonly args: string;
  subscription: Subscription;
}

/** All subscriptions that run: in groups that share what they can. */
export function createSubscriptions<Context extends SubscriptionContext>(
  options: SubscriptionsOptions<Context>,
): Subscriptions<Context> {
  const { sources, prepare, isCurrent, execute, formatError, limits, clock, logger } = options;
  const { maxSubscriptions = Infinity, maxLifetimeMs = Infinity } = limits;
  const { maxUnsentBytes = 262_144, maxUnread = 1_000 } = limits;
  const turns = createTurns();
  const byKey = new Map<string, Shared<Context>>();
  const groups = new Set<Shared<Context>>();
  const members = new Set<Member<Context>>();
  let isClosing = false;

  const endWith = (error: GraphQLError, context?: Context): SubscriptionEnd => ({
    errors: [formatError(error, context)],
  });
  const delivery = createDelivery({
    maxUnsentBytes,
    maxUnread,
    turns,
    tooSlow: () => endWith(tooSlow()),
  });
  const lifetime = createExpiryTimer(members, maxLifetimeMs, clock, (member) => {
    void turns.run(() => delivery.cut(member, endWith(expired())));
  });

  const open = (
    subscription: Subscription,
    source: SubscriptionSource<Context>,
    args: SubscriptionArguments,
    key: string | undefined,
  ): Shared<Context> => {
    const { fieldName } = subscription.subscriptionPlan.eventSubgraph;
    const group = createGroup<Context>({
      source,
      args,
      answer: answerOf(subscription),
      failure: (error, context) =>
        endWith(toClientError(error, context.logger?.() ?? logger, { field: fieldName }), context),
      delivery,
      turns,
      onOver: (member) => void members.delete(member),
      onClose() {
        groups.delete(shared);
        if (key !== undefined && byKey.get(key) === shared) byKey.delete(key);
      },
    });
    const shared: Shared<Context> = { group, source, subscription, args: JSON.stringify(args) };
    groups.add(shared);
    if (key !== undefined) byKey.set(key, shared);
    return shared;
  };
  const answerOf = (subscription: Subscription) => (value: unknown, context: Context, signal: AbortSignal) =>
    execute(subscription, value, { ...context, signal });

  const join = (asked: PreparedRequest, context: Context, subscriber: Subscriber): Member<Context> => {
    if (isClosing) throw new Refusal([shuttingDown()]);
    if (members.size >= maxSubscriptions) throw new Refusal([tooMany(maxSubscriptions)]);
    const { subscription, source } = subscribed(
      isCurrent(asked) ? asked : prepare(asked.originalRequest),
      sources,
    );
    const { args, after } = argumentsOf(subscription, source);
    const key = sharingKey(subscription, source, context.authorisationKey);
    const known = key === undefined ? undefined : byKey.get(key);
    const { group } = known ?? open(subscription, source, args, key);
    const member = group.join({ subscriber, context, after, since: clock() });
    members.add(member);
    lifetime.start();
    return member;
  };

  /** @returns whether it goes on */
  const renewOne = (shared: Shared<Context>): boolean => {
    try {
      const { subscription, source } = shared;
      const { subscription: next } = subscribed(prepare(subscription.originalRequest), sources);
      const isStillAllowed = dependsOnCaller(subscription, source) || !dependsOnCaller(next, source);
      if (!isStillAllowed || JSON.stringify(argumentsOf(next, source).args) !== shared.args) return false;
      shared.subscription = next;
      shared.group.renew(answerOf(next));
      return true;
    } catch (error) {
      logger.debug({ err: error }, 'a subscription does not fit the new supergraph');
      return false;
    }
  };

  return {
    get running() {
      return members.size;
    },
    get groups() {
      return groups.size;
    },
    subscribe(request, context, subscriber) {
      try {
        const member = join(request, context, subscriber);
        return { unsubscribe: () => delivery.forget(member) };
      } catch (error) {
        const told = context.logger?.() ?? logger;
        const errors = error instanceof Refusal ? error.errors : [toClientError(error, told, {})];
        subscriber.end({ errors: errors.map((each) => formatError(each, context)) });
        return { unsubscribe: () => undefined };
      }
    },
    async renew() {
      const before = [...groups];
      for (const shared of before) {
        if (!(await turns.run(() => renewOne(shared)))) await shared.group.cut(endWith(reloaded()));
      }
    },
    async close() {
      isClosing = true;
      lifetime.stop();
      const end = endWith(shuttingDown());
      await Promise.all([...members].map((member) => turns.run(() => delivery.cut(member, end))));
    },
  };
}
