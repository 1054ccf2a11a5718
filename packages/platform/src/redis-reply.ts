import type { Redis, RedisOptions } from 'ioredis';

/** Of a connection whose commands are awaited by {@link awaitRedisReply}: none is sent again when it has been lost. */
export const NO_RESEND_OPTIONS: RedisOptions = { autoResendUnfulfilledCommands: false };

/**
 * The answer of a command, or an error: ioredis can leave a command without either when its connection is lost, and a
 * connection to a machine that is gone stays open. After `timeoutMs` the connection is made anew. For connections that
 * resend nothing, whose user asks again himself.
 */
export function awaitRedisReply<T>(redis: Redis, command: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void) => {
      clearTimeout(timer);
      redis.off('close', lost);
      outcome();
    };
    const fail = (error: unknown) =>
      settle(() => reject(error instanceof Error ? error : new Error(String(error))));
    const lost = () => fail(new Error('the connection to Redis was lost'));
    const timer = setTimeout(() => {
      redis.disconnect(true);
      fail(new Error(`Redis did not answer within ${timeoutMs} ms`));
    }, timeoutMs);
    redis.on('close', lost);
    command.then((value) => settle(() => resolve(value)), fail);
  });
}
