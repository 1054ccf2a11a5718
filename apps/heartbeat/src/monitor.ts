import { setTimeout as delay } from 'node:timers/promises';
import { heartbeatSchema, HEARTBEAT_CHANNEL, type HealthReport } from '@seguridad-abc/contracts';
import { subscribeToChannel, type Logger, type PubSub } from '@seguridad-abc/platform';
import { begin } from './domain/begin.js';
import type { Maintenance } from './domain/maintenance.js';
import { memoryOf, type Recall } from './domain/memory.js';
import type { Moment } from './domain/moment.js';
import { answered, disconnected, hear, takeBack, takeOut, tick, type Input } from './domain/monitor.js';
import type { Rules } from './domain/rules.js';
import { outline, snapshot } from './domain/snapshot.js';
import { transitionsBetween, type Transition } from './domain/transition.js';
import type { Recorder } from './history/recorder.js';
import { logTransitions } from './log-transitions.js';
import { createReporter } from './reporter.js';
import { createSight } from './sight.js';

/** The monitor looks this often at least, and five times an interval. */
const MAX_TICK_MS = 200;
const TICKS_AN_INTERVAL = 5;
/** What is on its way when the monitor ends is waited for no longer than this. */
const FAREWELL_TIMEOUT_MS = 500;

export interface MonitorOptions {
  readonly rules: Rules;
  readonly recall: Recall;
  readonly recorder: Recorder;
  /** So much of its last time a monitor that is killed may not have written that it watched. */
  readonly markEveryMs: number;
  /** Told what is no longer in maintenance because its time is over. */
  readonly onMaintenanceOver: (service: string) => void;
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
  /** What is in maintenance now. */
  readonly maintenance: readonly Maintenance[];
  /** Whether a service is expected, heard or remembered. */
  knows(service: string): boolean;
  takeOut(maintenance: Maintenance): void;
  takeBack(service: string): void;
  /** Whether beats can be heard. */
  readonly sees: boolean;
  /** Hears what has been sent so far, publishes a last report, and ends. Harmless before the start. */
  close(): Promise<void>;
}

/** Listens to beats, judges them, and publishes a report at each change and once an interval. */
export function createMonitor(options: MonitorOptions): Monitor {
  const { rules, recall, recorder, markEveryMs, onMaintenanceOver, pubsub, clock, logger } = options;
  const { intervalMs } = rules;
  const tickMs = Math.min(MAX_TICK_MS, intervalMs / TICKS_AN_INTERVAL);
  const abort = new AbortController();
  const reporter = createReporter(pubsub, intervalMs);
  const beginning = begin(rules, recall, clock());
  let { state } = beginning;
  let timer: NodeJS.Timeout | undefined;
  let marking: NodeJS.Timeout | undefined;

  const publish = (now = clock()) => reporter.publish(snapshot(state, now), now);
  const record = (transitions: readonly Transition[], now = clock()) => {
    logTransitions(transitions, logger);
    recorder.record(transitions, memoryOf(state, now));
  };
  const mark = () => record([]);
  const apply = (input: Input) => {
    const now = clock();
    const before = state;
    state = input(before, now);
    const transitions = transitionsBetween(before, state, now);
    // Before it is told: who is told of a change finds it in the history.
    if (transitions.length > 0) record(transitions, now);
    if (outline(state) !== outline(before)) void publish(now);
    const kept = new Set(state.maintenance.map(({ service }) => service));
    for (const { service } of before.maintenance) if (!kept.has(service)) onMaintenanceOver(service);
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
      marking = setInterval(mark, markEveryMs);
      record(beginning.transitions);
      pubsub.publisher.on('ready', publishNow);
      publishNow();
      void subscribeToChannel({
        pubsub,
        channel: HEARTBEAT_CHANNEL,
        schema: heartbeatSchema,
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
    get maintenance() {
      return state.maintenance;
    },
    knows: (service) => state.services.some(({ name }) => name === service),
    takeOut(maintenance) {
      apply(takeOut(maintenance));
      // Also where only the reason is another.
      publishNow();
    },
    takeBack: (service) => apply(takeBack(service)),
    get sees() {
      return !state.watch.blind;
    },
    async close() {
      if (!timer) return;
      clearInterval(timer);
      clearInterval(marking);
      await Promise.race([hearTheRest(), delay(FAREWELL_TIMEOUT_MS)]);
      await publish();
      mark();
      await recorder.settled();
      pubsub.publisher.off('ready', publishNow);
      sight.close();
      abort.abort();
    },
  };
}
