import type { RunningSubscription, Subscriber } from '@seguridad-abc/executor';
import { GraphQLError } from 'graphql';
import type { Session } from './session.js';

/** Ends a subscription when the token of its socket expires and no newer one has come. */
export function untilExpiry(
  session: Pick<Session, 'onExpiry'>,
  subscriber: Subscriber,
  subscribe: (subscriber: Subscriber) => RunningSubscription,
): RunningSubscription {
  const forget = session.onExpiry(() => {
    running.leave();
    end({ errors: [expired().toJSON()] });
  });
  const end: Subscriber['end'] = (how) => {
    forget();
    subscriber.end(how);
  };
  const running = subscribe({
    next: (payload) => subscriber.next(payload),
    end,
    get unsentBytes() {
      return subscriber.unsentBytes;
    },
  });
  return {
    leave() {
      forget();
      running.leave();
    },
  };
}

const expired = (): GraphQLError =>
  new GraphQLError('The token has expired; subscribe again with a new one.', {
    extensions: { code: 'TOKEN_EXPIRED' },
  });
