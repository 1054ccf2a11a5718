import type { Heartbeat, HealthStatus, ServiceHealth, ClockReading } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import type { HealthThresholds } from '../domain/health-thresholds.js';
import { createServiceHealthList } from '../domain/reported-health.js';
import {
  applyElapsedTime,
  applyRedisConnectionLoss,
  applyHeartbeat,
  applyReceptionConfirmation,
  type HealthState,
  type HealthStateUpdate,
} from '../domain/health-state.js';
import { deriveTransitions, type HealthTransition } from '../domain/health-transitions.js';
import {
  createInitialHealth,
  NO_RESTORED_HEALTH_DATA,
  type RestoredHealthData,
} from '../domain/initial-health.js';
import { createHeartbeatMessage, RESTARTED_AT, STARTED_AT } from './heartbeat-message.js';

/** The default interval, and the tick of a monitor with that interval. */
export const INTERVAL_MS = 2_000;
export const TICK_MS = 200;

export const TEST_RULES: HealthThresholds = {
  intervalMs: INTERVAL_MS,
  expectedServices: ['gateway', 'monitoring', 'reports', 'heartbeat'],
  maxLoopDelayMs: 500,
  maxLagEntries: 1_000,
  maxClockSkewMs: 5_000,
  maxStallMs: 15_000,
  forgetAfterMs: 60_000,
};

export const START_TIME: ClockReading = {
  monotonicMs: 5_000,
  wallMs: Date.parse('2026-01-31T10:00:00.000Z'),
};

/** The health state machine in simulated time. */
export interface SimulatedMonitor {
  readonly state: HealthState;
  readonly now: ClockReading;
  readonly serviceHealth: ServiceHealth[];
  getService(name: string): ServiceHealth;
  readonly transitions: readonly HealthTransition[];
  /** Every new status of a service since the start, in order. */
  getStatuses(name: string): HealthStatus[];
  apply(update: HealthStateUpdate): void;
  /** Receives a heartbeat now, by default from the reports service, with the next sequence. */
  receiveHeartbeat(overrides?: Partial<Heartbeat>): void;
  /** Advances time tick by tick. A reachable Redis replies to the PING of each tick at once. */
  advance(ms: number, redis?: RedisReachability): void;
  /** Advances time without ticks, as if the monitor's process were paused. */
  pause(ms: number): void;
  loseConnection(): void;
  /** Sets only the wall clock. */
  shiftWallClock(byMs: number): void;
}

export type RedisReachability = 'reachable' | 'unreachable';

export interface SimulatedMonitorOptions {
  readonly thresholds?: Partial<HealthThresholds>;
  readonly restored?: RestoredHealthData;
  /** Whether Redis replies at the start. */
  readonly redis?: RedisReachability;
  /** Called after each update. */
  readonly onUpdate?: (before: HealthState, after: HealthState, now: ClockReading) => void;
}

export function createSimulatedMonitor(options: SimulatedMonitorOptions = {}): SimulatedMonitor {
  const { thresholds = {}, restored = NO_RESTORED_HEALTH_DATA, redis = 'reachable', onUpdate } = options;
  let now = START_TIME;
  const initial = createInitialHealth({ ...TEST_RULES, ...thresholds }, restored, now);
  let { state } = initial;
  const transitions = [...initial.transitions];
  let sequence = 0;
  const statuses = new Map<string, HealthStatus[]>();

  const moveClocks = (ms: number) => {
    now = { monotonicMs: now.monotonicMs + ms, wallMs: now.wallMs + ms };
  };
  const apply = (update: HealthStateUpdate) => {
    const before = state;
    state = update(before, now);
    transitions.push(...deriveTransitions(before, state, now));
    onUpdate?.(before, state, now);
    for (const { name, status } of state.services) {
      if (before.services.find((service) => service.name === name)?.status === status) continue;
      statuses.set(name, [...(statuses.get(name) ?? []), status]);
    }
  };
  if (redis === 'reachable') apply(applyReceptionConfirmation(now.monotonicMs));

  return {
    get state() {
      return state;
    },
    get now() {
      return now;
    },
    transitions,
    get serviceHealth() {
      return createServiceHealthList(state, now);
    },
    getService(name) {
      const found = createServiceHealthList(state, now).find((service) => service.name === name);
      if (!found) throw new Error(`There is no service ${name}.`);
      return found;
    },
    getStatuses: (name) => statuses.get(name) ?? [],
    apply,
    receiveHeartbeat(overrides = {}) {
      sequence += 1;
      apply(applyHeartbeat(createHeartbeatMessage({ sequence, ...overrides })));
    },
    advance(ms, redis = 'reachable') {
      for (let left = ms; left > 0; left -= TICK_MS) {
        moveClocks(Math.min(left, TICK_MS));
        apply(applyElapsedTime);
        if (redis === 'reachable') apply(applyReceptionConfirmation(now.monotonicMs));
      }
    },
    pause: moveClocks,
    loseConnection: () => apply(applyRedisConnectionLoss),
    shiftWallClock(byMs) {
      now = { ...now, wallMs: now.wallMs + byMs };
    },
  };
}

/** One event of a simulation. */
export type SimulationStep =
  | { readonly do: 'advance'; readonly ms: number; readonly redis: RedisReachability }
  | { readonly do: 'receive-heartbeat'; readonly heartbeat: Heartbeat }
  | { readonly do: 'pause'; readonly ms: number }
  | { readonly do: 'lose-connection' }
  | { readonly do: 'confirm-reception'; readonly ageMs: number }
  | { readonly do: 'shift-wall-clock'; readonly ms: number };

const heartbeats: fc.Arbitrary<Heartbeat> = fc
  .record({
    service: fc.constantFrom('reports', 'gateway', 'probe'),
    instance: fc.constantFrom('a', 'b'),
    startedAt: fc.constantFrom(STARTED_AT, STARTED_AT, STARTED_AT, RESTARTED_AT),
    sequence: fc.integer({ min: 1, max: 60 }),
    intervalMs: fc.constantFrom(INTERVAL_MS, INTERVAL_MS, 500),
    status: fc.constantFrom('ok', 'ok', 'ok', 'ok', 'error', 'stopping'),
    loopDelayMs: fc.constantFrom(1, 1, 1, 900),
  })
  .map((fields) => createHeartbeatMessage(fields as Partial<Heartbeat>));

const durations = fc.integer({ min: 1, max: 6 * INTERVAL_MS });
const shifts = fc.integer({ min: -86_400_000, max: 86_400_000 });

const advancesWith = <Redis extends RedisReachability>(redis: Redis) =>
  fc.record({ do: fc.constant('advance' as const), ms: durations, redis: fc.constant(redis) });

const steps: fc.Arbitrary<SimulationStep> = fc.oneof(
  { weight: 5, arbitrary: advancesWith('reachable') },
  { weight: 1, arbitrary: advancesWith('unreachable') },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('receive-heartbeat' as const), heartbeat: heartbeats }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pause' as const), ms: durations }) },
  { weight: 1, arbitrary: fc.constant<SimulationStep>({ do: 'lose-connection' }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('confirm-reception' as const), ageMs: durations }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('shift-wall-clock' as const), ms: shifts }) },
);

/** Random events in any order. */
export const simulations: fc.Arbitrary<SimulationStep[]> = fc.array(steps, { maxLength: 40 });

export function runSimulation(monitor: SimulatedMonitor, simulation: readonly SimulationStep[]): void {
  for (const step of simulation) {
    switch (step.do) {
      case 'advance':
        monitor.advance(step.ms, step.redis);
        break;
      case 'receive-heartbeat':
        monitor.apply(applyHeartbeat(step.heartbeat));
        break;
      case 'pause':
        monitor.pause(step.ms);
        monitor.apply(applyElapsedTime);
        break;
      case 'lose-connection':
        monitor.loseConnection();
        break;
      case 'confirm-reception':
        monitor.apply(applyReceptionConfirmation(monitor.now.monotonicMs - step.ageMs));
        break;
      case 'shift-wall-clock':
        monitor.shiftWallClock(step.ms);
        break;
    }
  }
}
