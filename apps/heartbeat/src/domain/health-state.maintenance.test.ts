import { describe, expect, it } from 'vitest';
import {
  createSimulatedMonitor,
  INTERVAL_MS,
  START_TIME,
  type SimulatedMonitor,
} from '../testing/simulated-monitor.js';
import { endMaintenance, startMaintenance } from './health-state.js';

const createMaintenance = (until?: number) => ({
  service: 'reports',
  reason: 'new disk',
  since: START_TIME.wallMs,
  until,
});

const createMonitorWithUpService = (): SimulatedMonitor => {
  const monitor = createSimulatedMonitor();
  monitor.receiveHeartbeat();
  return monitor;
};
const getTransitions = ({ transitions }: SimulatedMonitor, name = 'reports') =>
  transitions.filter(({ service }) => service === name).map(({ from, to }) => `${from} ${to}`);

describe('a service in maintenance', () => {
  it('is in MAINTENANCE at once, while the statuses of its instances are still updated', () => {
    const monitor = createMonitorWithUpService();
    monitor.apply(startMaintenance(createMaintenance()));
    expect(monitor.getService('reports')).toMatchObject({
      status: 'MAINTENANCE',
      reason: 'maintenance: new disk',
      instances: [{ status: 'UP' }],
    });
    monitor.advance(5 * INTERVAL_MS);
    expect(monitor.getService('reports')).toMatchObject({
      status: 'MAINTENANCE',
      instances: [{ status: 'DOWN' }],
    });
    expect(getTransitions(monitor)).toStrictEqual(['UNKNOWN UP', 'UP MAINTENANCE']);
  });

  it('gets the status of its instances when maintenance ends, starting then', () => {
    const monitor = createMonitorWithUpService();
    monitor.apply(startMaintenance(createMaintenance()));
    monitor.advance(5 * INTERVAL_MS);
    monitor.apply(endMaintenance('reports'));
    expect(monitor.getService('reports')).toMatchObject({
      status: 'DOWN',
      since: '2026-01-31T10:00:10.000Z',
    });
    expect(getTransitions(monitor).at(-1)).toBe('MAINTENANCE DOWN');
  });

  it('stays in MAINTENANCE when that of another service ends', () => {
    const monitor = createMonitorWithUpService();
    monitor.apply(startMaintenance(createMaintenance()));
    monitor.apply(startMaintenance({ ...createMaintenance(), service: 'gateway' }));
    monitor.apply(endMaintenance('gateway'));
    expect(monitor.getService('reports').status).toBe('MAINTENANCE');
    expect(monitor.getService('gateway').status).toBe('UNKNOWN');
  });

  it('stays in MAINTENANCE while Redis is unreachable', () => {
    const monitor = createMonitorWithUpService();
    monitor.apply(startMaintenance(createMaintenance()));
    monitor.advance(3 * INTERVAL_MS, 'unreachable');
    expect(monitor.getService('reports')).toMatchObject({
      status: 'MAINTENANCE',
      instances: [{ status: 'UNKNOWN' }],
    });
  });

  it('gives the end in its reason, and ends maintenance at that wall-clock time', () => {
    const monitor = createMonitorWithUpService();
    monitor.apply(startMaintenance(createMaintenance(START_TIME.wallMs + 3_600_000)));
    expect(monitor.getService('reports').reason).toBe('maintenance until 2026-01-31T11:00:00.000Z: new disk');
    monitor.advance(1_000);
    monitor.shiftWallClock(3_600_000);
    monitor.advance(200);
    expect(monitor.getService('reports')).toMatchObject({ status: 'UP', since: '2026-01-31T11:00:01.200Z' });
    expect(monitor.state.maintenance).toStrictEqual([]);
  });

  it('gets the new reason of a repeated request and keeps its start', () => {
    const monitor = createMonitorWithUpService();
    monitor.apply(startMaintenance(createMaintenance()));
    monitor.advance(1_000);
    monitor.apply(
      startMaintenance({ ...createMaintenance(), reason: 'two disks', since: monitor.now.wallMs }),
    );
    expect(monitor.getService('reports')).toMatchObject({
      reason: 'maintenance: two disks',
      since: '2026-01-31T10:00:00.000Z',
    });
    expect(monitor.state.maintenance).toMatchObject([{ since: START_TIME.wallMs }]);
  });

  it('stays listed after its normal stop until maintenance ends, even if it is not expected', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat({ service: 'probe' });
    monitor.apply(startMaintenance({ ...createMaintenance(), service: 'probe' }));
    monitor.receiveHeartbeat({ service: 'probe', status: 'stopping' });
    expect(monitor.getService('probe')).toMatchObject({ status: 'MAINTENANCE', instances: [] });
    monitor.apply(endMaintenance('probe'));
    expect(monitor.serviceHealth.map(({ name }) => name)).not.toContain('probe');
    expect(getTransitions(monitor, 'probe')).toStrictEqual([
      'UNKNOWN UP',
      'UP MAINTENANCE',
      'MAINTENANCE UNKNOWN',
    ]);
  });
});
