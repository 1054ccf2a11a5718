import type { Redis } from 'ioredis';

export interface ReceptionProbeOptions {
  /** The connection that receives heartbeats and nothing else. */
  readonly subscriber: Redis;
  /** Reads the monotonic clock, in milliseconds. */
  readonly readMonotonicClock: () => number;
  /** Called with the time at which the answered PING was sent. */
  readonly onConfirmed: (sentAt: number) => void;
  readonly onConnectionLost: () => void;
  /**
   * A connection without a reply for this time is replaced, even if TCP still reports it as open.
   * @default 10_000 // 10 seconds
   */
  readonly replyTimeoutMs?: number;
}

/** Distinguishes silent services from an unreachable Redis. */
export interface ReceptionProbe {
  /**
   * Sends a PING unless one has no reply yet. Redis replies in order on a subscribed connection, so the reply proves that
   * every heartbeat sent before the PING has arrived.
   */
  sendPing(): void;
  close(): void;
}

export function createReceptionProbe(options: ReceptionProbeOptions): ReceptionProbe {
  const { subscriber, readMonotonicClock, onConfirmed, onConnectionLost, replyTimeoutMs = 10_000 } = options;
  let pendingPing: { readonly sentAt: number } | undefined;

  const ping = async () => {
    const current = { sentAt: readMonotonicClock() };
    pendingPing = current;
    // If the connection is lost meanwhile, `handleClose` reports it.
    const reply: unknown = await subscriber.ping().catch(() => undefined);
    if (pendingPing !== current) return;
    pendingPing = undefined;
    if (isSubscriberReply(reply)) onConfirmed(current.sentAt);
  };
  const handleClose = () => {
    pendingPing = undefined;
    onConnectionLost();
  };
  subscriber.on('close', handleClose);

  return {
    sendPing() {
      if (!pendingPing) {
        if (subscriber.status === 'ready') void ping();
      } else if (readMonotonicClock() - pendingPing.sentAt >= replyTimeoutMs) {
        pendingPing = undefined;
        subscriber.disconnect(true);
      }
    },
    close: () => void subscriber.off('close', handleClose),
  };
}

/**
 * Redis replies to PING with a list on a subscribed connection, and with text on any other. Only a subscribed connection
 * receives heartbeats. See https://redis.io/docs/latest/commands/ping/.
 */
const isSubscriberReply = (reply: unknown): boolean => Array.isArray(reply);
