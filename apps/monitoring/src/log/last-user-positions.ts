/** The position of the last event of each user. */
export interface LastUserPositions {
  record(userId: string, position: number): void;
  /** @returns a later position if the user's last event was long ago: it does not change when other users write */
  get(userId: string): number;
}

const MAX_USERS = 10_000;

/**
 * Keeps the last positions of the users whose data changed most recently, in memory.
 * @param end the position at which the log ends now
 */
export function createLastUserPositions(end: number, maxUsers = MAX_USERS): LastUserPositions {
  const positions = new Map<string, number>();
  /** At least the last position of each user that is not kept. */
  let floor = end;
  return {
    record(userId, position) {
      positions.delete(userId);
      positions.set(userId, position);
      if (positions.size <= maxUsers) return;
      for (const [oldest, last] of positions) {
        floor = Math.max(floor, last);
        positions.delete(oldest);
        return;
      }
    },
    get: (userId) => positions.get(userId) ?? floor,
  };
}
