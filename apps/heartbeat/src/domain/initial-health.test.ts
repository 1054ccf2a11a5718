import { describe, expect, it } from 'vitest';
import {
  createSimulatedMonitor,
  INTERVAL_MS,
  START_TIME,
  type SimulatedMonitor,
} from '../testing/simulated-monitor.js';

import { startMaintenance, toSavedHealth, type SavedHealth } from './health-state.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Starts the next run of a monitor, by default one hour later. */
const restart = (monitor: SimulatedMonitor, { offMs = 3_600_000, expected = [] as string[] } = {}) => {
  const health = shiftTimes(
    toSavedHealth(monitor.state, monitor.now),
    monitor.now.wallMs + offMs - START_TIME.wallMs,
  );
  const maintenance = monitor.state.maintenance;
  return createSimulatedMonitor({
    restored: { health, maintenance },
    thresholds: { expectedServices: expected },
  });
};
/** Moves times back, because every simulated monitor starts at the same time. */
const shiftTimes = (health: SavedHealth, byMs: number): SavedHealth => ({
  aliveAt: health.aliveAt - byMs,
  services: health.services.map((service) => ({
    ...service,
    since: service.since - byMs,
    lastBeatAt: service.lastBeatAt === undefined ? undefined : service.lastBeatAt - byMs,
  })),
});

const createMonitorWith = (service = 'probe', intervalMs = INTERVAL_MS) => {
  const monitor = createSimulatedMonitor({ thresholds: { expectedServices: [] } });
  monitor.receiveHeartbeat({ service, intervalMs });
  return monitor;
};

describe('a first run', () => {
  it('remembers no service, and begins stored maintenance of each at its own time', () => {
    const createPeriod = (service: string, agoMs: number) => ({
      service,
      reason: 'disk',
      since: START_TIME.wallMs - agoMs,
      until: undefined,
    });
    const maintenance = [createPeriod('reports', 1_000), createPeriod('gateway', 2_000)];
    const { state } = createSimulatedMonitor({ restored: { health: undefined, maintenance } });
    expect(
      state.services.map(({ name, isRemembered, status, since }) => [name, isRemembered, status, since]),
    ).toEqual([
      ['gateway', false, 'MAINTENANCE', START_TIME.wallMs - 2_000],
      ['heartbeat', false, 'UNKNOWN', START_TIME.wallMs],
      ['monitoring', false, 'UNKNOWN', START_TIME.wallMs],
      ['reports', false, 'MAINTENANCE', START_TIME.wallMs - 1_000],
    ]);
  });
});

describe('a restored service', () => {
  it('is UNKNOWN at first, since the end of the previous run', () => {
    const monitor = restart(createMonitorWith());
    expect(monitor.getService('probe')).toMatchObject({
      status: 'UNKNOWN',
      since: '2026-01-31T09:00:00.000Z',
      lastBeatAt: '2026-01-31T09:00:00.000Z',
      instances: [],
    });
    expect(monitor.transitions).toStrictEqual([
      {
        service: 'probe',
        from: 'UP',
        to: 'UNKNOWN',
        at: START_TIME.wallMs - 3_600_000,
        reason: 'the monitor was not running',
      },
    ]);
  });

  it('is DOWN after 5 intervals without a heartbeat', () => {
    const monitor = restart(createMonitorWith());
    monitor.advance(5 * INTERVAL_MS - 200);
    expect(monitor.getService('probe').status).toBe('UNKNOWN');
    monitor.advance(200);
    expect(monitor.getService('probe')).toMatchObject({
      status: 'DOWN',
      since: '2026-01-31T10:00:10.000Z',
      reason: 'no heartbeat in the 10.0 s since the monitor started',
    });
    monitor.advance(DAY_MS / 24);
    expect(monitor.getService('probe').status).toBe('DOWN');
  });

  it('is DOWN after five of its intervals', () => {
    const monitor = restart(createMonitorWith('probe', 3 * INTERVAL_MS));
    monitor.advance(15 * INTERVAL_MS - 200);
    expect(monitor.getService('probe').status).toBe('UNKNOWN');
    monitor.advance(200);
    expect(monitor.getService('probe').status).toBe('DOWN');
  });

  it('is UP after its first heartbeat', () => {
    const monitor = restart(createMonitorWith());
    monitor.advance(INTERVAL_MS);
    monitor.receiveHeartbeat({ service: 'probe' });
    expect(monitor.getService('probe')).toMatchObject({ status: 'UP', since: '2026-01-31T10:00:02.000Z' });
    expect(monitor.transitions.map(({ from, to }) => [from, to])).toStrictEqual([
      ['UP', 'UNKNOWN'],
      ['UNKNOWN', 'UP'],
    ]);
  });

  it('is removed when it stops normally', () => {
    const monitor = restart(createMonitorWith());
    monitor.receiveHeartbeat({ service: 'probe', status: 'stopping' });
    expect(monitor.serviceHealth).toStrictEqual([]);
    expect(restart(monitor).serviceHealth).toStrictEqual([]);
  });

  it('is remembered across several runs', () => {
    const monitor = restart(restart(restart(createMonitorWith())));
    monitor.advance(5 * INTERVAL_MS);
    expect(monitor.getService('probe').status).toBe('DOWN');
  });

  it('keeps the start of its status if it was UNKNOWN before', () => {
    const monitor = createMonitorWith();
    monitor.advance(2 * INTERVAL_MS, 'unreachable');
    const before = Date.parse(monitor.getService('probe').since) - monitor.now.wallMs;
    const next = restart(monitor);
    expect(next.transitions).toStrictEqual([]);
    expect(Date.parse(next.getService('probe').since)).toBe(START_TIME.wallMs - 3_600_000 + before);
  });

  it('is forgotten after a week of silence while the monitor was running', () => {
    const health = {
      ...toSavedHealth(createMonitorWith().state, START_TIME),
      aliveAt: START_TIME.wallMs + 7 * DAY_MS,
    };
    const monitor = createSimulatedMonitor({
      restored: { health, maintenance: [] },
      thresholds: { expectedServices: [] },
    });
    expect(monitor.serviceHealth).toStrictEqual([]);
    expect(monitor.transitions).toMatchObject([{ from: 'UP', to: 'UNKNOWN' }]);
  });

  it('is DOWN without heartbeats if it is expected, even after a normal stop', () => {
    const monitor = createSimulatedMonitor({ thresholds: { expectedServices: ['reports'] } });
    monitor.receiveHeartbeat();
    monitor.receiveHeartbeat({ status: 'stopping' });
    const next = restart(monitor, { expected: ['reports'] });
    expect(next.getService('reports').status).toBe('UNKNOWN');
    next.advance(5 * INTERVAL_MS);
    expect(next.getService('reports').status).toBe('DOWN');
    expect(restart(monitor).serviceHealth).toStrictEqual([]);
  });
});

describe('a restored service in maintenance', () => {
  const createMonitorInMaintenance = (until?: number) => {
    const monitor = createMonitorWith();
    monitor.apply(
      startMaintenance({ service: 'probe', reason: 'new disk', since: START_TIME.wallMs, until }),
    );
    return monitor;
  };

  it('stays in MAINTENANCE and keeps its start', () => {
    const monitor = restart(createMonitorInMaintenance());
    expect(monitor.transitions).toStrictEqual([]);
    expect(monitor.getService('probe')).toMatchObject({
      status: 'MAINTENANCE',
      reason: 'maintenance: new disk',
      since: '2026-01-31T09:00:00.000Z',
    });
    monitor.advance(6 * INTERVAL_MS);
    expect(monitor.getService('probe').status).toBe('MAINTENANCE');
  });

  it('is UNKNOWN if its maintenance ended between the runs', () => {
    const health = shiftTimes(
      toSavedHealth(createMonitorInMaintenance(START_TIME.wallMs + 1_000).state, START_TIME),
      3_600_000,
    );
    const past = {
      service: 'probe',
      reason: 'x',
      since: START_TIME.wallMs - 3_600_000,
      until: START_TIME.wallMs - 1_000,
    };
    const monitor = createSimulatedMonitor({
      restored: { health, maintenance: [past] },
      thresholds: { expectedServices: [] },
    });
    expect(monitor.getService('probe').status).toBe('UNKNOWN');
    expect(monitor.transitions).toMatchObject([{ from: 'MAINTENANCE', to: 'UNKNOWN' }]);
  });
});
