import type { SubscriptionEnd, SubscriptionPayload, Subscriber } from './subscriber.js';

/** A payload on its way to a subscriber. */
export interface Item {
  readonly payload: SubscriptionPayload;
  /** Takes the place of what is unread with the same key. */
  readonly key: unknown;
  /** Of the event among the live ones. */
  readonly position: number | undefined;
}

/** One subscriber in its group. */
export interface Member<Context = unknown> {
  readonly subscriber: Subscriber;
  readonly context: Context;
  /** Called once, when it is over; the same for all of a group. */
  onOver(member: Member<Context>): void;
  /** When it began, by a clock that never jumps. */
  readonly since: number;
  /** What is still to be handed to it, by key, in order; made for those few that have any. */
  unread: Map<unknown, Item> | undefined;
  /** Characters of JSON in that. */
  unreadLength: number;
  /** While it is told the beginning, and live items wait; aborted when it leaves then. */
  beginning: AbortController | undefined;
  /** Live events up to this position are known to it. */
  upTo: number;
  /** How it ends once nothing is unread. */
  last: SubscriptionEnd | undefined;
  isOver: boolean;
  /** Resolves when its connection has room again, or it is over. */
  onRoom: (() => void) | undefined;
}

export const createMember = <Context>({
  subscriber,
  context,
  onOver,
  since,
}: Pick<Member<Context>, 'subscriber' | 'context' | 'onOver' | 'since'>): Member<Context> => ({
  subscriber,
  context,
  onOver,
  since,
  unread: undefined,
  unreadLength: 0,
  beginning: undefined,
  upTo: -Infinity,
  last: undefined,
  isOver: false,
  onRoom: undefined,
});
