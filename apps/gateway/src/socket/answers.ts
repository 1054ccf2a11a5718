import type { RunningSubscription, Subscriber } from '@seguridad-abc/executor';
import { GraphQLError, type FormattedExecutionResult } from 'graphql';

type Answers = AsyncGenerator<FormattedExecutionResult, undefined, undefined>;

/** What a subscription is given, as an iterator such as graphql-ws reads. It subscribes at the first `next`. */
export function answersOf(subscribe: (subscriber: Subscriber) => RunningSubscription): Answers {
  const unread: (FormattedExecutionResult | GraphQLError)[] = [];
  let running: RunningSubscription | undefined;
  let ended = false;
  let wake: (() => void) | undefined;
  const subscriber: Subscriber = {
    next({ json }) {
      unread.push(JSON.parse(json) as FormattedExecutionResult);
      wake?.();
    },
    end({ errors = [] }) {
      ended = true;
      unread.push(...errors.map(({ message, ...rest }) => new GraphQLError(message, rest)));
      wake?.();
    },
    get unsentBytes() {
      return unread.length;
    },
  };
  const leave = () => {
    ended = true;
    unread.length = 0;
    running?.leave();
    wake?.();
  };

  const answers: Answers = {
    async next() {
      if (!ended) running ??= subscribe(subscriber);
      while (unread.length === 0 && !ended) await new Promise<void>((resolve) => (wake = resolve));
      const first = unread.shift();
      if (first === undefined) return { done: true, value: undefined };
      if (first instanceof GraphQLError) throw first;
      return { done: false, value: first };
    },
    return() {
      leave();
      return Promise.resolve({ done: true, value: undefined });
    },
    throw(error) {
      leave();
      return Promise.reject(error as Error);
    },
    [Symbol.asyncIterator]: () => answers,
  };
  return answers;
}
