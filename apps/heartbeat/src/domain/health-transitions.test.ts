import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createSimulatedMonitor,
  INTERVAL_MS,
  runSimulation,
  simulations,
  type SimulatedMonitor,
} from '../testing/simulated-monitor.js';
import { INSTANCE_DOWN_AFTER_INTERVALS } from './health-thresholds.js';

const getTransitions = (monitor: SimulatedMonitor, name: string) =>
  monitor.transitions.filter(({ service }) => service === name);

describe('transitions', () => {
  it('contain each status change with its reason', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    monitor.advance(5 * INTERVAL_MS);
    expect(getTransitions(monitor, 'reports')).toMatchObject([
      { from: 'UNKNOWN', to: 'UP', reason: 'sends heartbeats as expected, every 2.0 s' },
      { from: 'UP', to: 'LATE', reason: 'heartbeat 2.0 s late; expected every 2.0 s' },
      { from: 'LATE', to: 'DOWN', reason: 'no heartbeat for 10.0 s; expected every 2.0 s' },
    ]);
  });

  it('end with a normal stop for a service that is not expected', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat({ service: 'probe' });
    monitor.receiveHeartbeat({ service: 'probe', status: 'stopping' });
    expect(getTransitions(monitor, 'probe').at(-1)).toMatchObject({
      from: 'UP',
      to: 'UNKNOWN',
      reason: 'stopped normally and is not expected: no longer monitored',
    });
  });

  it('mark a long pause of the monitor as not observed', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    const pausedAt = monitor.now.wallMs;
    monitor.pause(INSTANCE_DOWN_AFTER_INTERVALS * INTERVAL_MS);
    monitor.advance(200);
    expect(getTransitions(monitor, 'reports').slice(1)).toMatchObject([
      { from: 'UP', to: 'UNKNOWN', at: pausedAt },
      { from: 'UNKNOWN', to: 'UP' },
    ]);
    expect(monitor.getService('reports').status).toBe('UP');
  });

  it('form a chain that ends with the current status', () => {
    fc.assert(
      fc.property(simulations, (simulation) => {
        const monitor = createSimulatedMonitor();
        runSimulation(monitor, simulation);
        const names = new Set(monitor.transitions.map(({ service }) => service));
        for (const name of names) {
          const own = getTransitions(monitor, name);
          own.forEach(({ from }, index) => expect(from).toBe(own[index - 1]?.to ?? 'UNKNOWN'));
          const current = monitor.state.services.find((service) => service.name === name);
          expect(own.at(-1)?.to).toBe(current?.status ?? 'UNKNOWN');
        }
      }),
      { numRuns: fc.readConfigureGlobal().numRuns ?? 300 },
    );
  });
});
