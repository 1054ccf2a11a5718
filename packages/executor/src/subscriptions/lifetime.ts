import type { Member } from './member.js';

/** The longest that a timer of Node's can wait. */
const MAX_TIMER_MS = 2_147_483_647;

export interface Lifetime {
  /** Another one has begun. */
  begin(): void;
  stop(): void;
}

/**
 * Lets subscriptions live for so long. One timer is enough, since those that began first are over first.
 * @param members in the order in which they began
 */
export function createLifetime<Context>(
  members: ReadonlySet<Member<Context>>,
  maxMs: number,
  clock: () => number,
  expire: (member: Member<Context>) => void,
): Lifetime {
  let timer: NodeJS.Timeout | undefined;

  const wait = (ms: number) => {
    timer = setTimeout(check, Math.min(Math.max(ms, 1), MAX_TIMER_MS));
  };
  const check = () => {
    timer = undefined;
    const now = clock();
    for (const member of members) {
      const left = member.since + maxMs - now;
      if (left > 0) {
        wait(left);
        return;
      }
      expire(member);
    }
  };

  return {
    begin() {
      if (maxMs !== Infinity && !timer) wait(maxMs);
    },
    stop: () => clearTimeout(timer),
  };
}
