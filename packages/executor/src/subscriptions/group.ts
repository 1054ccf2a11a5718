import type { FormattedExecutionResult } from 'graphql';
import type { Delivery } from './delivery.js';
import { createMember, type Item, type Member } from './member.js';
import {
  toSourceEvent,
  type BackfillBatch,
  type SubscriptionArguments,
  type SourceEvent,
  type SubscriptionSource,
} from './source.js';
import type { SubscriptionEnd, SubscriptionPayload, Subscriber } from './subscriber.js';
import type { Turns } from './turns.js';

/** Subscribers that get the same answers: one source for all of them, and one execution an event. */
export interface Group<Context> {
  join(joining: Joining<Context>): Member<Context>;
  /** From the next event on answers are made another way. */
  renew(answer: Answer<Context>): void;
  /** Ends it for all, now. */
  cut(end: SubscriptionEnd): Promise<void>;
}

export interface Joining<Context> {
  readonly subscriber: Subscriber;
  readonly context: Context;
  /** The cursor that it brings. */
  readonly after: string | undefined;
  readonly since: number;
}

export type Answer<Context> = (
  value: unknown,
  context: Context,
  signal: AbortSignal,
) => Promise<FormattedExecutionResult>;

export interface GroupOptions<Context> {
  readonly source: SubscriptionSource<Context>;
  /** Of the field, without a cursor. */
  readonly args: SubscriptionArguments;
  readonly answer: Answer<Context>;
  /** Whatever was thrown, as its subscribers hear it; for the one of this context it was done. */
  readonly failure: (error: unknown, context: Context) => SubscriptionEnd;
  readonly delivery: Delivery;
  readonly turns: Turns;
  /** Called once for each member, when it is none any more. */
  readonly onOver: (member: Member<Context>) => void;
  /** Called once, when nobody is to join it any more. */
  readonly onClose: () => void;
}

/** So many subscribers are handed a payload in one turn. */
const SENDS_A_TURN = 32;

export function createGroup<Context>(options: GroupOptions<Context>): Group<Context> {
  const { source, args, failure, delivery, turns } = options;
  let { answer } = options;
  const members = new Set<Member<Context>>();
  const controller = new AbortController();
  const { signal } = controller;
  const isClosed = () => signal.aborted;
  /** Of events that several are told at their beginning. */
  let payloads = new WeakMap<SourceEvent, Promise<SubscriptionPayload>>();
  let events: AsyncIterator<unknown> | undefined;

  let isRetired = false;
  /** Nobody joins it any more. */
  const retire = () => {
    if (isRetired) return;
    isRetired = true;
    options.onClose();
  };
  const close = () => {
    if (isClosed()) return;
    retire();
    controller.abort();
    void closeQuietly(events);
  };
  const onOver = (member: Member<Context>) => {
    members.delete(member);
    if (members.size === 0) close();
    options.onOver(member);
  };

  /** The members are all of the same authority, or it does not matter: any one that is here speaks for all. */
  const speaker = (): Context | undefined => {
    for (const { context } of members) return context;
    return undefined;
  };
  const execute = ({ value, cursor }: SourceEvent): Promise<SubscriptionPayload> =>
    turns.run(async () => {
      const context = speaker();
      // Nobody is there to hear of it.
      if (context === undefined) return { json: '' };
      const answered = await answer(value, context, signal);
      const extensions = cursor === undefined ? answered.extensions : { ...answered.extensions, cursor };
      return { json: JSON.stringify(extensions ? { ...answered, extensions } : answered) };
    });
  const executeOnce = (event: SourceEvent): Promise<SubscriptionPayload> => {
    let payload = payloads.get(event);
    if (!payload) payloads.set(event, (payload = execute(event)));
    return payload;
  };

  const inTurns = async (all: Iterable<Member<Context>>, each: (member: Member<Context>) => void) => {
    const left = all[Symbol.iterator]();
    /** @returns whether there are more */
    const some = (): boolean => {
      for (let n = 0; n < SENDS_A_TURN; n += 1) {
        const next = left.next();
        if (next.done === true) return false;
        each(next.value);
      }
      return true;
    };
    while (await turns.run(some));
  };

  const tell = async (event: SourceEvent) => {
    const payload = await execute(event);
    if (isClosed()) return;
    const item: Item = { payload, key: source.stateKey?.(event.value), position: event.position };
    await inTurns(members, (member) => delivery.give(member, item));
  };

  /** Tells all events, one after the other, until the source ends or nobody is left. */
  const follow = async (speaks: Context) => {
    let last: SubscriptionEnd;
    try {
      events = source.subscribe(args, { signal, context: speaks })[Symbol.asyncIterator]();
      for (;;) {
        const next: IteratorResult<unknown, unknown> = await events.next();
        if (isClosed()) return;
        if (next.done === true) break;
        await tell(toSourceEvent(next.value));
        if (isClosed()) return;
      }
      last = {};
    } catch (error) {
      // What was cut off may fail of that: nobody is to hear of it.
      if (isClosed()) return;
      last = failure(error, speaks);
    }
    // What is still unread, or of a beginning, is told first: it is closed with the last of them.
    retire();
    await inTurns([...members], (member) => delivery.finish(member, last));
  };

  const tellBeginning = async (member: Member<Context>, begin: () => AsyncIterable<BackfillBatch>) => {
    try {
      for await (const { events: page, upTo } of begin()) {
        for (const event of page) {
          const payload = await executeOnce(event);
          await delivery.room(member);
          if (member.isOver) return;
          member.subscriber.next(payload);
        }
        member.upTo = upTo;
      }
      delivery.goOn(member);
    } catch (error) {
      if (!member.isOver) delivery.cut(member, failure(error, member.context));
    }
  };

  return {
    join({ subscriber, context, after, since }) {
      // Called as the source's own, which it may look at.
      const begin = source.backfill?.bind(source);
      const member = createMember<Context>({ subscriber, context, since, onOver });
      const isFirst = members.size === 0;
      members.add(member);
      if (begin) member.beginning = new AbortController();
      if (isFirst) void follow(context);
      if (begin && member.beginning) {
        const call = { signal: member.beginning.signal, context, after };
        void tellBeginning(member, () => begin(args, call));
      }
      return member;
    },

    renew(next) {
      answer = next;
      payloads = new WeakMap();
    },

    async cut(end) {
      const ending = [...members];
      close();
      await inTurns(ending, (member) => delivery.cut(member, end));
    },
  };
}

/** A source that waits for an event may close only then, if ever: nobody waits for that. */
async function closeQuietly(events: AsyncIterator<unknown> | undefined): Promise<void> {
  try {
    await events?.return?.();
  } catch {
    // It is not read any more, so nobody is there to hear of it.
  }
}
