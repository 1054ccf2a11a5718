import { receptionProbeSchema, type ReceptionProbe } from '@seguridad-abc/contracts';
import { subscribeToChannel, type Logger, type RedisPubSubClient } from '@seguridad-abc/platform';

export interface ReceptionProbeOptions {
  /** The connections of heartbeats: probes use the same command, and arrive on the same connection. */
  readonly pubsub: RedisPubSubClient;
  /** Identifies this run of the monitor. */
  readonly run: string;
  /** Reads the monotonic clock, in milliseconds. */
  readonly readMonotonicClock: () => number;
  /** Called when a probe has arrived, with the time at which it was sent. */
  readonly onConfirmed: (sentAtMs: number) => void;
  /** Called when Redis has answered a PING. It may still deliver no messages. */
  readonly onReply: () => void;
  readonly onConnectionLost: () => void;
  readonly logger: Logger;
}

/** Distinguishes silent services from a Redis that delivers no messages. */
export interface ReceptionProber {
  /** Resolves when probes can arrive. To be called after the subscription to heartbeats: then a probe proves both. */
  start(signal: AbortSignal): Promise<void>;
  /**
   * Publishes a probe, and sends a PING, unless the last one is still on its way. Redis delivers messages in order, so an arriving
   * probe proves that every heartbeat that Redis accepted before it has arrived. A PING would not prove it: while Redis pauses
   * writes, as during a failover, it answers PING and delays every PUBLISH.
   */
  probe(): void;
  close(): void;
}

export function createReceptionProber(options: ReceptionProbeOptions): ReceptionProber {
  const { pubsub, run, readMonotonicClock, onConfirmed, onReply, onConnectionLost, logger } = options;
  const { publisher, subscriber, names } = pubsub;
  let isProbePending = false;
  let isPingPending = false;

  const publishProbe = async () => {
    isProbePending = true;
    const probe: ReceptionProbe = { v: 1, run, sentAtMs: readMonotonicClock() };
    // Without a reply in time, the probe may still arrive later. It then proves less than the next one.
    await publisher.publish(names.receptionProbeChannel, JSON.stringify(probe)).catch(() => undefined);
    isProbePending = false;
  };
  const ping = async () => {
    isPingPending = true;
    const isAnswered = await subscriber.ping().then(
      () => true,
      () => false,
    );
    isPingPending = false;
    if (isAnswered) onReply();
  };
  // ioredis may leave a command of a lost connection unsettled.
  const handleClose = () => {
    isPingPending = false;
    onConnectionLost();
  };
  const handlePublisherClose = () => void (isProbePending = false);
  subscriber.on('close', handleClose);
  publisher.on('close', handlePublisherClose);

  return {
    start: (signal) =>
      subscribeToChannel({
        pubsub,
        channel: names.receptionProbeChannel,
        schema: receptionProbeSchema,
        listener(probe) {
          if (probe.run === run) onConfirmed(probe.sentAtMs);
        },
        logger,
        signal,
      }),
    probe() {
      if (!isProbePending && publisher.status === 'ready') void publishProbe();
      if (!isPingPending && subscriber.status === 'ready') void ping();
    },
    close() {
      subscriber.off('close', handleClose);
      publisher.off('close', handlePublisherClose);
    },
  };
}
