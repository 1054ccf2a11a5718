import type { Heartbeat, HealthStatus, ServiceHealthSnapshot } from '@seguridad-abc/contracts';
import { begin } from '../domain/begin.js';
import { NOTHING_TO_RECALL, type Recall } from '../domain/memory.js';
import type { Moment } from '../domain/moment.js';
import { answered, disconnected, hear, tick, type Input, type MonitorState } from '../domain/monitor.js';
import type { Rules } from '../domain/rules.js';
import { snapshot } from '../domain/snapshot.js';
import { transitionsBetween, type Transition } from '../domain/transition.js';
import { aBeat } from './beat.js';

/** As a process looks with the default interval. */
export const TICK_MS = 200;
export const INTERVAL_MS = 2_000;

export const RULES: Rules = {
  intervalMs: INTERVAL_MS,
  expected: ['gateway', 'monitoring', 'reports', 'heartbeat'],
  maxLoopDelayMs: 500,
  maxLagEntries: 1_000,
  forgetAfterMs: 60_000,
};

export const START: Moment = { mono: 5_000, wall: Date.parse('2026-01-31T10:00:00.000Z') };

/** The monitor in a world without real time, told by a script what happens. */
export interface World {
  readonly state: MonitorState;
  readonly now: Moment;
  readonly snapshots: ServiceHealthSnapshot[];
  service(name: string): ServiceHealthSnapshot;
  /** What became of which service, as it goes into the history. */
  readonly transitions: readonly Transition[];
  /** Every status that a service began, in order. */
  history(name: string): HealthStatus[];
  input(input: Input): void;
  /** A beat that comes now; of the reports service unless it says otherwise, with the next sequence. */
  beat(overrides?: Partial<Heartbeat>): void;
  /** Time passes, looked at every tick; where Redis is there, it answers each look at once. */
  pass(ms: number, redis?: 'there' | 'away'): void;
  /** Time passes and nobody looks: the monitor's own process stands still. */
  freeze(ms: number): void;
  disconnect(): void;
  /** Only the wall clock is set. */
  setClock(byMs: number): void;
}

export interface WorldOptions {
  readonly rules?: Partial<Rules>;
  /** What an earlier run has left. */
  readonly recall?: Recall;
  /** Whether Redis answers at the start. */
  readonly redis?: 'there' | 'away';
  /** Sees what each input makes of the state. */
  readonly observe?: (before: MonitorState, after: MonitorState, now: Moment) => void;
}

export function createWorld(options: WorldOptions = {}): World {
  const { rules = {}, recall = NOTHING_TO_RECALL, redis = 'there', observe } = options;
  let now = START;
  const beginning = begin({ ...RULES, ...rules }, recall, now);
  let { state } = beginning;
  const transitions = [...beginning.transitions];
  let sequence = 0;
  const histories = new Map<string, HealthStatus[]>();

  const advance = (ms: number) => {
    now = { mono: now.mono + ms, wall: now.wall + ms };
  };
  const input = (next: Input) => {
    const before = state;
    state = next(before, now);
    transitions.push(...transitionsBetween(before, state, now));
    observe?.(before, state, now);
    for (const { name, status } of state.services) {
      if (before.services.find((service) => service.name === name)?.status === status) continue;
      histories.set(name, [...(histories.get(name) ?? []), status]);
    }
  };
  if (redis === 'there') input(answered(now.mono));

  return {
    get state() {
      return state;
    },
    get now() {
      return now;
    },
    transitions,
    get snapshots() {
      return snapshot(state, now);
    },
    service(name) {
      const found = snapshot(state, now).find((service) => service.name === name);
      if (!found) throw new Error(`There is no service ${name}.`);
      return found;
    },
    history: (name) => histories.get(name) ?? [],
    input,
    beat(overrides = {}) {
      sequence += 1;
      input(hear(aBeat({ sequence, ...overrides })));
    },
    pass(ms, redis = 'there') {
      for (let left = ms; left > 0; left -= TICK_MS) {
        advance(Math.min(left, TICK_MS));
        input(tick);
        if (redis === 'there') input(answered(now.mono));
      }
    },
    freeze: advance,
    disconnect: () => input(disconnected),
    setClock(byMs) {
      now = { ...now, wall: now.wall + byMs };
    },
  };
}
