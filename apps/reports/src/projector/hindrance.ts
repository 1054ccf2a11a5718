import { LOG_STREAM } from '@seguridad-abc/contracts';
import type { Obstacle } from '../domain/take-next.js';

/** Why the projector cannot go on. It looks again after a while. */
export interface Hindrance {
  /** `blocked`: it would be wrong to go on, and somebody must act. `waiting`: it passes by itself. */
  readonly kind: 'blocked' | 'waiting';
  /** One clause for a person, with the remedy where there is one. */
  readonly reason: string;
}

export const waiting = (reason: string): Hindrance => ({ kind: 'waiting', reason });

/** @param readModel the database's file */
export const wrongReadModel = (doubt: string, readModel: string): Hindrance => ({
  kind: 'blocked',
  reason: `${doubt}; if monitoring's log is the right one, stop reports and remove ${readModel}*: it is built anew from the log`,
});

export const wrongStream = (what: string): Hindrance => ({
  kind: 'blocked',
  reason: `${what}; remove the stream (redis-cli DEL ${LOG_STREAM}): monitoring fills it again from its log`,
});

/** @param position the checkpoint's */
export function describeObstacle(obstacle: Obstacle, position: number): string {
  const next = position + 1;
  switch (obstacle.kind) {
    case 'gap':
      return `entries ${next} to ${obstacle.position - 1} are not on the Redis stream`;
    case 'damaged':
      return `entry ${obstacle.id} of the Redis stream cannot be read`;
    case 'foreign':
      return `the Redis stream holds at position ${obstacle.position} an entry of another log, ${obstacle.logId}`;
  }
}
