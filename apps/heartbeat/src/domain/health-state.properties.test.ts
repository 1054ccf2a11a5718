import { serviceHealthSchema, formatInstant, type ClockReading } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createHeartbeatMessage } from '../testing/heartbeat-message.js';
import {
  createSimulatedMonitor,
  INTERVAL_MS,
  runSimulation,
  simulations,
  TEST_RULES,
  TICK_MS,
  type SimulationStep,
} from '../testing/simulated-monitor.js';
import { createServiceHealthList } from './reported-health.js';
import {
  applyElapsedTime,
  applyHeartbeat,
  applyReceptionConfirmation,
  type HealthState,
} from './health-state.js';

const forEvery = <T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => void) =>
  fc.assert(fc.property(arbitrary, check), { numRuns: fc.readConfigureGlobal().numRuns ?? 300 });

const getInstances = (state: HealthState) =>
  state.services.flatMap((service) =>
    service.instances.map((instance) => ({ ...instance, key: `${service.name} ${instance.id}` })),
  );

describe('after any sequence of events', () => {
  it('the reported health follows the contract and lists every expected service once, sorted by name', () => {
    forEvery(simulations, (simulation) => {
      const monitor = createSimulatedMonitor();
      runSimulation(monitor, simulation);
      const services = z.array(serviceHealthSchema).parse(monitor.serviceHealth);
      const names = services.map(({ name }) => name);
      expect(names).toStrictEqual([...new Set(names)].sort());
      expect(names).toStrictEqual(expect.arrayContaining([...TEST_RULES.expectedServices]));
    });
  });

  it('every service and instance is UNKNOWN while reception is lost', () => {
    forEvery(simulations, (simulation) => {
      const onUpdate = (_before: HealthState, after: HealthState) => {
        if (!after.reception.isLost) return;
        const statuses = [
          ...after.services.map(({ status }) => status),
          ...getInstances(after).map((i) => i.liveness),
        ];
        expect(new Set(statuses)).toStrictEqual(new Set(['UNKNOWN']));
      };
      runSimulation(createSimulatedMonitor({ onUpdate }), simulation);
    });
  });

  it('an instance becomes LATE or DOWN only after 2 or 5 intervals of proven silence without an interruption', () => {
    forEvery(simulations, (simulation) => {
      let provenUntil = -Infinity;
      let lastUpdate = -Infinity;
      let interruptedUntil = -Infinity;
      const monitor = createSimulatedMonitor({
        onUpdate(before, after, { monotonicMs }) {
          provenUntil = Math.max(provenUntil, after.reception.confirmedUntil);
          const wasPaused = monotonicMs - lastUpdate >= INTERVAL_MS;
          const wasLost = before.reception.isLost || after.reception.isLost;
          if (wasPaused || wasLost || (after.reception.wasInterrupted && !before.reception.wasInterrupted))
            interruptedUntil = monotonicMs;
          lastUpdate = monotonicMs;
          const known = new Map(getInstances(before).map(({ key, liveness }) => [key, liveness]));
          for (const { key, liveness, receivedAt, intervalMs } of getInstances(after)) {
            if (liveness === known.get(key) || !(liveness === 'LATE' || liveness === 'DOWN')) continue;
            const silence = provenUntil - Math.max(receivedAt, interruptedUntil);
            expect(silence).toBeGreaterThanOrEqual((liveness === 'LATE' ? 2 : 5) * intervalMs);
          }
        },
      });
      runSimulation(monitor, simulation);
    });
  });

  it('the status of a service follows from its instances', () => {
    const deriveExpectedStatus = (statuses: readonly string[]) => {
      if (statuses.some((status) => status === 'UP' || status === 'DEGRADED')) {
        return statuses.every((status) => status === 'UP' || status === 'UNKNOWN') ? 'UP' : 'DEGRADED';
      }
      return ['UNKNOWN', 'LATE', 'DOWN'].find((status) => statuses.includes(status));
    };
    forEvery(simulations, (simulation) => {
      const onUpdate = (_before: HealthState, after: HealthState, now: ClockReading) => {
        for (const { status, instances } of createServiceHealthList(after, now)) {
          if (instances.length > 0)
            expect(status).toBe(deriveExpectedStatus(instances.map((instance) => instance.status)));
        }
      };
      runSimulation(createSimulatedMonitor({ onUpdate }), simulation);
    });
  });

  it('`since` changes exactly when the status changes', () => {
    forEvery(simulations, (simulation) => {
      const monitor = createSimulatedMonitor({
        onUpdate(before, after, { wallMs }) {
          for (const service of after.services) {
            const known = before.services.find(({ name }) => name === service.name);
            if (known?.status === service.status) expect(service.since).toBe(known.since);
            else expect(formatInstant(service.since)).toBe(formatInstant(wallMs));
          }
        },
      });
      runSimulation(monitor, simulation);
    });
  });

  it('the wall clock changes no status and no reason', () => {
    forEvery(simulations, (simulation) => {
      const [jumping, steady] = [createSimulatedMonitor(), createSimulatedMonitor()];
      runSimulation(jumping, simulation);
      runSimulation(
        steady,
        simulation.filter((step) => step.do !== 'shift-wall-clock'),
      );
      for (const { name } of steady.state.services)
        expect(jumping.getStatuses(name)).toStrictEqual(steady.getStatuses(name));
      expect(jumping.serviceHealth.map(({ reason }) => reason)).toStrictEqual(
        steady.serviceHealth.map(({ reason }) => reason),
      );
    });
  });

  it('a repeated heartbeat changes nothing', () => {
    forEvery(simulations, (simulation) => {
      const [once, twice] = [createSimulatedMonitor(), createSimulatedMonitor()];
      runSimulation(once, simulation);
      runSimulation(
        twice,
        simulation.flatMap((step): SimulationStep[] =>
          step.do === 'receive-heartbeat' ? [step, step] : [step],
        ),
      );
      expect(twice.state).toStrictEqual(once.state);
    });
  });

  it('a second tick at the same time changes nothing', () => {
    forEvery(simulations, (simulation) => {
      const monitor = createSimulatedMonitor();
      runSimulation(monitor, simulation);
      const once = applyElapsedTime(monitor.state, monitor.now);
      expect(applyElapsedTime(once, monitor.now)).toStrictEqual(once);
    });
  });
});

describe('while Redis is reachable', () => {
  /** Delays of consecutive heartbeats, in parts of an interval. */
  const delays = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 30 });

  const sendDelayedHeartbeats = (parts: readonly number[]) => {
    const monitor = createSimulatedMonitor();
    const startedAt = monitor.now.monotonicMs;
    parts.forEach((part, n) => {
      monitor.advance(startedAt + (n + part) * INTERVAL_MS - monitor.now.monotonicMs);
      monitor.apply(applyHeartbeat(createHeartbeatMessage({ sequence: n + 1 })));
    });
    return monitor;
  };

  it('heartbeats less than one interval late never make a service LATE', () => {
    forEvery(delays, (parts) => {
      expect(sendDelayedHeartbeats(parts).getStatuses('reports')).toStrictEqual(['UP']);
    });
  });

  it('a silent service becomes LATE, then DOWN, at most one tick after 5 intervals', () => {
    forEvery(delays, (parts) => {
      const monitor = sendDelayedHeartbeats(parts);
      const silentSince = monitor.now.monotonicMs;
      monitor.advance(5 * INTERVAL_MS + TICK_MS);
      expect(monitor.getStatuses('reports')).toStrictEqual(['UP', 'LATE', 'DOWN']);
      const { downAt } = monitor.state.services.find(({ name }) => name === 'reports')!.instances[0]!;
      expect(downAt - silentSince).toBeGreaterThanOrEqual(5 * INTERVAL_MS);
      expect(downAt - silentSince).toBeLessThanOrEqual(5 * INTERVAL_MS + TICK_MS);
    });
  });

  it('replies in any order confirm reception up to the newest PING', () => {
    forEvery(fc.array(fc.integer({ min: 0, max: INTERVAL_MS - 1 }), { minLength: 1 }), (ages) => {
      const monitor = createSimulatedMonitor();
      monitor.advance(INTERVAL_MS);
      for (const age of ages) monitor.apply(applyReceptionConfirmation(monitor.now.monotonicMs - age));
      expect(monitor.state.reception.confirmedUntil).toBe(monitor.now.monotonicMs);
    });
  });
});
