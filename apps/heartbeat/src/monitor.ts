import { setTimeout as delay } from 'node:timers/promises';
import { beat, BEATS_CHANNEL, type HealthReport } from '@seguridad-abc/contracts';
import { listen, type Logger, type PubSub } from '@seguridad-abc/platform';
import type { Moment } from './domain/moment.js';
import { answered, begin, disconnected, hear, tick, type Input } from './domain/monitor.js';
import type { Rules } from './domain/rules.js';
import { outline, snapshot } from './domain/snapshot.js';
import { createReporter } from './reporter.js';
import { createSight } from './sight.js';
import { logTransitions } from './transitions.js';

/** The monitor looks this often at least, and five times an interval. */
const MAX_TICK_MS = 200;
const TICKS_AN_INTERVAL = 5;
/** What is on its way when the monitor ends is waited for no longer than this. */
const FAREWELL_TIMEOUT_MS = 500;

export interface MonitorOptions {
  readonly rules: Rules;
  readonly pubsub: PubSub;
  readonly clock: () => Moment;
  readonly logger: Logger;
}

export interface Monitor {
  /** Begins to listen, to judge and to publish. */
  start(): void;
  /**
   * What is known now. It carries the sequence of the last published report, so two reports of one run and sequence
   * have the same statuses and processes: they differ only in `at`, `lastBeatAt` and the figures of reasons.
   */
  report(): HealthReport;
  /** Whether beats can be heard. */
  readonly sees: boolean;
  /** Hears what has been sent so far, publishes a last report, and ends. Harmless before the start. */
  close(): Promise<void>;
}

/** Listens to beats, judges them, and publishes a report at each change and once an interval. */
export function createMonitor({ rules, pubsub, clock, logger }: MonitorOptions): Monitor {
  const { intervalMs } = rules;
  const tickMs = Math.min(MAX_TICK_MS, intervalMs / TICKS_AN_INTERVAL);
  const abort = new AbortController();
  const reporter = createReporter(pubsub, intervalMs);
  let state = begin(rules, clock());
  let timer: NodeJS.Timeout | undefined;

  const publish = (now = clock()) => reporter.publish(snapshot(state, now), now);
  const apply = (input: Input) => {
    const now = clock();
    const before = state;
    state = input(before, now);
    if (outline(state) === outline(before)) return;
    logTransitions(before, snapshot(state, now), logger);
    void publish(now);
  };

  const sight = createSight({
    subscriber: pubsub.subscriber,
    clock: () => clock().mono,
    onAnswer: (askedAt) => apply(answered(askedAt)),
    onLost: () => apply(disconnected),
  });
  const publishNow = () => void publish();
  const look = () => {
    apply(tick);
    sight.look();
    // The next tick would be too late.
    if (clock().mono - reporter.publishedAt > intervalMs - tickMs) publishNow();
  };
  /** Whatever reached Redis before this has been heard after it. */
  const hearTheRest = async () => {
    if (pubsub.subscriber.status === 'ready') await pubsub.subscriber.ping().catch(() => undefined);
  };

  return {
    start() {
      timer = setInterval(look, tickMs);
      pubsub.publisher.on('ready', publishNow);
      publishNow();
      void listen({
        pubsub,
        channel: BEATS_CHANNEL,
        schema: beat,
        listener: (one) => apply(hear(one)),
        logger,
        signal: abort.signal,
      });
    },
    report() {
      apply(tick);
      const now = clock();
      return reporter.tell(snapshot(state, now), now);
    },
    get sees() {
      return !state.watch.blind;
    },
    async close() {
      if (!timer) return;
      clearInterval(timer);
      await Promise.race([hearTheRest(), delay(FAREWELL_TIMEOUT_MS)]);
      await publish();
      pubsub.publisher.off('ready', publishNow);
      sight.close();
      abort.abort();
    },
  };
}
