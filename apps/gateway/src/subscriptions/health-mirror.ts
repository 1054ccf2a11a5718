import type { ServiceHealthSnapshot } from '@seguridad-abc/contracts';
import {
  createSourceEvent,
  type BackfillBatch,
  type EventQueue,
  type SourceEvent,
} from '@seguridad-abc/executor';
import { allTold, newsFor, type News, type Told } from '../domain/news.js';
import { healthCursor, toldBy } from './health-cursor.js';
import { createSubscriberQueue } from './subscriber-queue.js';
import { startMirror, type MirrorOptions, type RunningMirror } from './running-mirror.js';

/** What the monitor says, for everyone who subscribes in this process: heard once, told to many. */
export interface HealthMirror {
  /**
   * Each change of a service asked for, in order, from now on. After a lost connection to Redis is restored, the present
   * state again. The values are `ServiceSnapshot`s.
   * @param services null: all of them
   */
  watch(services: readonly string[] | null, signal: AbortSignal): AsyncIterable<SourceEvent>;
  /**
   * The present state of each service asked for or, with a cursor, of each that is another than the cursor says. It waits
   * until something is known. To be called while somebody watches.
   */
  begin(
    services: readonly string[] | null,
    after: string | undefined,
    signal: AbortSignal,
  ): AsyncIterable<BackfillBatch>;
  /** Hears the monitor until the signal, also while nobody watches. */
  keep(signal: AbortSignal): void;
  /** The state of every service as it is known now; empty while the monitor is not heard. */
  present(): readonly ServiceHealthSnapshot[];
}

interface Watcher {
  readonly services: readonly string[] | null;
  readonly inbox: EventQueue<SourceEvent>;
  /** Undefined while nothing is known: everyone who begins is told that first. */
  told: Told | undefined;
}

/** Hears the monitor while anybody watches, or keeps it. */
export function createHealthMirror(options: MirrorOptions): HealthMirror {
  const watchers = new Set<Watcher>();
  const reasons = new Set<object>();
  /** Of those who wait until something is known. */
  const waiting = new Set<() => void>();
  /** By what was asked for: what everyone is told who begins now. */
  const beginnings = new Map<string, BackfillBatch>();
  let running: RunningMirror | undefined;
  /** Rises with whatever may have changed. */
  let position = 0;

  const eventOf = ({ service, told }: News): SourceEvent =>
    createSourceEvent({ value: service, cursor: healthCursor(told), position });

  const tell = (watcher: Watcher, present: readonly ServiceHealthSnapshot[]) => {
    if (!watcher.told) {
      watcher.told = allTold(present, watcher.services);
      return;
    }
    for (const each of newsFor(watcher.told, present, watcher.services)) {
      watcher.told = each.told;
      watcher.inbox.push(eventOf(each));
    }
  };
  const onChange = (again: boolean) => {
    position += 1;
    beginnings.clear();
    const present = running?.present();
    if (!present) return;
    for (const watcher of watchers) {
      if (again) watcher.told = new Map();
      tell(watcher, present);
    }
    for (const wake of waiting) wake();
  };

  /** Each caller is a reason to run. */
  const runUntil = (signal: AbortSignal) => {
    const reason = {};
    const leave = () => {
      reasons.delete(reason);
      if (reasons.size > 0) return;
      running?.stop();
      running = undefined;
    };
    signal.addEventListener('abort', leave, { once: true });
    reasons.add(reason);
    running ??= startMirror(options, onChange);
  };

  const untilKnown = async (signal: AbortSignal): Promise<readonly ServiceHealthSnapshot[]> => {
    for (;;) {
      const present = running?.present();
      if (present || signal.aborted) return present ?? [];
      let wake: () => void = () => undefined;
      const woken = new Promise<void>((resolve) => (wake = resolve));
      waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
      await woken;
      waiting.delete(wake);
      signal.removeEventListener('abort', wake);
    }
  };

  const fromTheStart = (
    services: readonly string[] | null,
    present: readonly ServiceHealthSnapshot[],
  ): BackfillBatch => {
    const key = JSON.stringify(services);
    let beginning = beginnings.get(key);
    if (!beginning) {
      beginning = { events: newsFor(new Map(), present, services).map(eventOf), upTo: position };
      beginnings.set(key, beginning);
    }
    return beginning;
  };

  return {
    watch(services, signal) {
      const inbox = createSubscriberQueue<SourceEvent>(
        signal,
        ({ value }) => (value as ServiceHealthSnapshot).name,
      );
      if (signal.aborted) return inbox;
      const watcher: Watcher = { services, inbox, told: undefined };
      signal.addEventListener('abort', () => watchers.delete(watcher), { once: true });
      watchers.add(watcher);
      runUntil(signal);
      const present = running?.present();
      if (present) tell(watcher, present);
      return inbox;
    },
    async *begin(services, after, signal) {
      // A cursor that is none is refused at once.
      if (after !== undefined) toldBy(after, []);
      const present = await untilKnown(signal);
      if (after === undefined) {
        yield fromTheStart(services, present);
        return;
      }
      const news = newsFor(toldBy(after, present), present, services);
      yield { events: news.map(eventOf), upTo: position };
    },
    keep: runUntil,
    present: () => running?.presentAtOnce() ?? [],
  };
}
