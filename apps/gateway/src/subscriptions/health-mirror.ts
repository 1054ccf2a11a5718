import type { ServiceSnapshot } from '@seguridad-abc/contracts';
import type { EventQueue } from '@seguridad-abc/executor';
import { newsFor, type Told } from '../domain/news.js';
import { createInbox } from './inbox.js';
import { startMirror, type MirrorOptions, type RunningMirror } from './running-mirror.js';

/** What the monitor says, for everyone who subscribes in this process: heard once, told to many. */
export interface HealthMirror {
  /**
   * First the present state of each service asked for, then each change of one, in order. After a lost connection to
   * Redis is restored, the present state again.
   * @param services null: all of them
   */
  watch(services: readonly string[] | null, signal: AbortSignal): AsyncIterable<ServiceSnapshot>;
  /** Hears the monitor until the signal, also while nobody watches. */
  keep(signal: AbortSignal): void;
  /** The state of every service as it is known now; empty while the monitor is not heard. */
  present(): readonly ServiceSnapshot[];
}

interface Watcher {
  readonly services: readonly string[] | null;
  readonly inbox: EventQueue<ServiceSnapshot>;
  told: Told;
}

/** Hears the monitor while anybody watches, or keeps it. */
export function createHealthMirror(options: MirrorOptions): HealthMirror {
  const watchers = new Set<Watcher>();
  const reasons = new Set<object>();
  let running: RunningMirror | undefined;

  const tell = (watcher: Watcher) => {
    const { changes, told } = newsFor(watcher.told, running?.present() ?? [], watcher.services);
    watcher.told = told;
    for (const change of changes) watcher.inbox.push(change);
  };
  const onChange = (again: boolean) => {
    for (const watcher of watchers) {
      if (again) watcher.told = new Map();
      tell(watcher);
    }
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

  return {
    watch(services, signal) {
      const watcher: Watcher = { services, inbox: createInbox(signal), told: new Map() };
      if (signal.aborted) return watcher.inbox;
      signal.addEventListener('abort', () => watchers.delete(watcher), { once: true });
      watchers.add(watcher);
      runUntil(signal);
      tell(watcher);
      return watcher.inbox;
    },
    keep: runUntil,
    present: () => running?.presentAtOnce() ?? [],
  };
}
