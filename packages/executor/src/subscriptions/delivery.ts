import type { Item, Member } from './member.js';
import type { SubscriptionEnd } from './subscriber.js';
import type { Turns } from './turns.js';

/** How payloads get to subscribers: at once where a connection has room, and else bounded. */
export interface Delivery {
  /** Hands a live payload to a subscriber, now or as soon as there is room. */
  give(member: Member, item: Item): void;
  /** Resolves when there is room in a subscriber's connection; at once where there is, or where it is over. */
  room(member: Member): Promise<void>;
  /** A subscriber has been told its beginning: what waited for that follows. */
  goOn(member: Member): void;
  /** Ends a subscriber's subscription once it has what it is still to have. */
  finish(member: Member, end: SubscriptionEnd): void;
  /** Ends it now. */
  cut(member: Member, end: SubscriptionEnd): void;
  /** It is gone, and hears nothing more. */
  forget(member: Member): void;
}

export interface DeliveryOptions {
  /** More than this not yet taken by a client's connection, and payloads wait here. In bytes. */
  readonly maxUnsentBytes: number;
  /** More payloads than this that wait, and the subscription is ended. */
  readonly maxUnread: number;
  readonly turns: Turns;
  /** What one that is too slow is told. */
  readonly tooSlow: () => SubscriptionEnd;
}

/** Those behind are looked at this often: no connection says when it has room again. */
const LOOK_MS = 50;

export function createDelivery(options: DeliveryOptions): Delivery {
  const { maxUnsentBytes, maxUnread, turns, tooSlow } = options;
  /** In characters, so that a few big payloads are as bounded as many small ones. */
  const maxUnreadLength = 4 * maxUnsentBytes;
  const behind = new Set<Member>();
  let timer: NodeJS.Timeout | undefined;

  const hasUnread = ({ unread }: Member) => unread !== undefined && unread.size > 0;
  const hasRoom = ({ subscriber }: Member) => subscriber.unsentBytes <= maxUnsentBytes;

  const look = () => {
    for (const member of behind) {
      if (member.isOver || hasRoom(member)) void turns.run(() => flush(member));
    }
  };
  const watch = (member: Member) => {
    behind.add(member);
    timer ??= setInterval(look, LOOK_MS);
  };
  const unwatch = (member: Member) => {
    behind.delete(member);
    if (behind.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  const over = (member: Member) => {
    member.isOver = true;
    member.unread = undefined;
    member.beginning?.abort();
    member.onRoom?.();
    unwatch(member);
    member.onOver(member);
  };
  const cut = (member: Member, end: SubscriptionEnd) => {
    if (member.isOver) return;
    over(member);
    member.subscriber.end(end);
  };

  const take = (member: Member, key: unknown) => {
    const item = member.unread?.get(key);
    if (!item) return;
    member.unread?.delete(key);
    member.unreadLength -= item.payload.json.length;
  };
  const keep = (member: Member, item: Item) => {
    const key = item.key ?? item;
    take(member, key);
    const unread = (member.unread ??= new Map<unknown, Item>());
    unread.set(key, item);
    member.unreadLength += item.payload.json.length;
    const { size } = unread;
    if (size > maxUnread || (size > 1 && member.unreadLength > maxUnreadLength)) cut(member, tooSlow());
    else if (!member.beginning) watch(member);
  };

  const flush = (member: Member) => {
    member.onRoom?.();
    if (member.isOver || member.beginning) return;
    for (const [key, item] of member.unread ?? []) {
      if (!hasRoom(member)) {
        watch(member);
        return;
      }
      take(member, key);
      if (!isKnown(member, item)) member.subscriber.next(item.payload);
    }
    if (member.last) cut(member, member.last);
    else unwatch(member);
  };

  return {
    give(member, item) {
      if (member.isOver || isKnown(member, item)) return;
      if (member.beginning || hasUnread(member) || !hasRoom(member)) keep(member, item);
      else member.subscriber.next(item.payload);
    },
    async room(member) {
      while (!member.isOver && !hasRoom(member)) {
        const room = new Promise<void>((resolve) => (member.onRoom = resolve));
        watch(member);
        await room;
        member.onRoom = undefined;
      }
    },
    goOn(member) {
      member.beginning = undefined;
      flush(member);
    },
    finish(member, end) {
      member.last = end;
      flush(member);
    },
    cut,
    forget(member) {
      if (!member.isOver) over(member);
    },
  };
}

const isKnown = ({ upTo }: Member, { position }: Item): boolean => position !== undefined && position <= upTo;
