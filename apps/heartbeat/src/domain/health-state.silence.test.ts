import { describe, expect, it } from 'vitest';
import { RESTARTED_AT } from '../testing/heartbeat-message.js';
import { createSimulatedMonitor, INTERVAL_MS, type SimulatedMonitor } from '../testing/simulated-monitor.js';

const sendHeartbeatsFor = (monitor: SimulatedMonitor, intervals: number) => {
  for (let i = 0; i < intervals; i += 1) {
    monitor.receiveHeartbeat();
    monitor.advance(INTERVAL_MS);
  }
};

describe('a service that sends heartbeats', () => {
  it('is UP after its first heartbeat', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    expect(monitor.getService('reports')).toStrictEqual({
      name: 'reports',
      status: 'UP',
      reason: 'sends heartbeats as expected, every 2.0 s',
      since: '2026-01-31T10:00:00.000Z',
      lastBeatAt: '2026-01-31T10:00:00.000Z',
      instances: [
        {
          id: 'host:4002',
          status: 'UP',
          version: '0.1.0',
          startedAt: '2026-01-31T08:00:00.000Z',
          lastBeatAt: '2026-01-31T10:00:00.000Z',
          intervalMs: INTERVAL_MS,
        },
      ],
    });
  });

  it('stays UP and keeps the start of that status', () => {
    const monitor = createSimulatedMonitor();
    sendHeartbeatsFor(monitor, 30);
    expect(monitor.getStatuses('reports')).toStrictEqual(['UP']);
    expect(monitor.getService('reports')).toMatchObject({
      since: '2026-01-31T10:00:00.000Z',
      lastBeatAt: '2026-01-31T10:00:58.000Z',
    });
  });

  it('is LATE 2 intervals after its last heartbeat', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    monitor.advance(3_999);
    expect(monitor.getService('reports').status).toBe('UP');
    monitor.advance(1);
    expect(monitor.getService('reports')).toMatchObject({
      status: 'LATE',
      reason: 'heartbeat 2.0 s late; expected every 2.0 s',
      since: '2026-01-31T10:00:04.000Z',
      lastBeatAt: '2026-01-31T10:00:00.000Z',
      instances: [{ status: 'LATE' }],
    });
    monitor.advance(1_200);
    expect(monitor.getService('reports').reason).toBe('heartbeat 3.2 s late; expected every 2.0 s');
  });

  it('is DOWN 5 intervals after its last heartbeat, and stays DOWN', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    monitor.advance(9_999);
    expect(monitor.getService('reports').status).toBe('LATE');
    monitor.advance(1);
    expect(monitor.getService('reports')).toMatchObject({
      status: 'DOWN',
      reason: 'no heartbeat for 10.0 s; expected every 2.0 s',
      since: '2026-01-31T10:00:10.000Z',
    });
    monitor.advance(300_000);
    expect(monitor.getStatuses('reports')).toStrictEqual(['UP', 'LATE', 'DOWN']);
    expect(monitor.getService('reports').reason).toBe('no heartbeat for 5 min 10 s; expected every 2.0 s');
  });

  it('is LATE and DOWN by the interval in its own heartbeats', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat({ intervalMs: 10_000 });
    monitor.advance(19_999);
    expect(monitor.getService('reports').status).toBe('UP');
    monitor.advance(1);
    expect(monitor.getService('reports').status).toBe('LATE');
    monitor.advance(30_000);
    expect(monitor.getService('reports').status).toBe('DOWN');
  });
});

describe('a silent service that sends heartbeats again', () => {
  const createMonitorAfterSilence = (ms: number) => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    monitor.advance(ms);
    return monitor;
  };

  it.each([
    ['LATE', 6_000],
    ['DOWN', 12_000],
  ] as const)('is UP after two consecutive heartbeats, from %s', (status, ms) => {
    const monitor = createMonitorAfterSilence(ms);
    monitor.receiveHeartbeat();
    monitor.advance(1_000);
    expect(monitor.getService('reports')).toMatchObject({
      status,
      reason: `1 heartbeat after ${ms / 1_000}.0 s of silence; UP needs 2 in a row, every 2.0 s`,
    });
    monitor.receiveHeartbeat();
    expect(monitor.getService('reports')).toMatchObject({
      status: 'UP',
      reason: 'sends heartbeats as expected, every 2.0 s',
    });
  });

  it('is not UP after two heartbeats 2 intervals apart', () => {
    const monitor = createMonitorAfterSilence(12_000);
    monitor.receiveHeartbeat();
    monitor.advance(4_000);
    monitor.receiveHeartbeat();
    expect(monitor.getService('reports').status).toBe('DOWN');
    monitor.advance(3_999);
    monitor.receiveHeartbeat();
    expect(monitor.getService('reports').status).toBe('UP');
  });

  it('is DOWN 5 intervals after a single heartbeat', () => {
    const monitor = createMonitorAfterSilence(6_000);
    monitor.receiveHeartbeat();
    monitor.advance(9_999);
    expect(monitor.getService('reports')).toMatchObject({
      status: 'LATE',
      reason: 'heartbeat 8.0 s late; expected every 2.0 s',
    });
    monitor.advance(1);
    expect(monitor.getService('reports')).toMatchObject({
      status: 'DOWN',
      reason: 'no heartbeat for 10.0 s; expected every 2.0 s',
    });
  });

  it('stays the same instance as a new process, and needs two consecutive heartbeats of it', () => {
    const monitor = createMonitorAfterSilence(12_000);
    monitor.receiveHeartbeat({ startedAt: RESTARTED_AT, sequence: 1 });
    monitor.advance(1_000);
    monitor.receiveHeartbeat({ startedAt: '2026-01-31T09:00:01.000Z', sequence: 1 });
    expect(monitor.getService('reports').status).toBe('DOWN');
    monitor.advance(1_000);
    monitor.receiveHeartbeat({ startedAt: '2026-01-31T09:00:01.000Z', sequence: 2 });
    expect(monitor.getService('reports')).toMatchObject({ status: 'UP', instances: [{ id: 'host:4002' }] });
  });
});

describe('an outdated heartbeat', () => {
  it.each([
    ['repeated', { sequence: 2 }],
    ['overtaken', { sequence: 1 }],
  ])('is ignored if it is %s', (_name, heartbeat) => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat({ sequence: 1 });
    monitor.receiveHeartbeat({ sequence: 2 });
    monitor.advance(3_000);
    monitor.receiveHeartbeat(heartbeat);
    monitor.advance(1_000);
    expect(monitor.getService('reports')).toMatchObject({
      status: 'LATE',
      lastBeatAt: '2026-01-31T10:00:00.000Z',
    });
  });

  it('is ignored if it is from a replaced process', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat({ sequence: 7 });
    monitor.receiveHeartbeat({ startedAt: RESTARTED_AT, sequence: 1 });
    monitor.receiveHeartbeat({ sequence: 8, status: 'error', detail: 'outdated' });
    expect(monitor.getService('reports')).toMatchObject({
      status: 'UP',
      instances: [{ startedAt: RESTARTED_AT }],
    });
  });
});

describe('an expected service without a heartbeat', () => {
  it('is UNKNOWN for 5 intervals, then DOWN', () => {
    const monitor = createSimulatedMonitor();
    monitor.advance(9_800);
    expect(monitor.getService('gateway')).toMatchObject({
      status: 'UNKNOWN',
      reason: 'status not determined yet: no heartbeat in the 9.8 s since the monitor started',
      lastBeatAt: null,
      instances: [],
    });
    monitor.advance(200);
    expect(monitor.getService('gateway')).toMatchObject({
      status: 'DOWN',
      reason: 'no heartbeat in the 10.0 s since the monitor started',
    });
    monitor.receiveHeartbeat({ service: 'gateway' });
    expect(monitor.getStatuses('gateway')).toStrictEqual(['DOWN', 'UP']);
  });
});

describe('the list of services', () => {
  it('contains expected services and those that sent a heartbeat, sorted by name', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat({ service: 'probe' });
    expect(monitor.serviceHealth.map(({ name }) => name)).toStrictEqual([
      'gateway',
      'heartbeat',
      'monitoring',
      'probe',
      'reports',
    ]);
  });
});

it('a service that stays LATE while reception restarts keeps the start of its silence in the reason', () => {
  const monitor = createSimulatedMonitor();
  monitor.receiveHeartbeat();
  monitor.advance(2 * INTERVAL_MS);
  monitor.loseConnection();
  monitor.advance(3 * INTERVAL_MS);
  expect(monitor.getService('reports')).toMatchObject({
    status: 'LATE',
    reason: 'heartbeat 8.0 s late; expected every 2.0 s',
  });
});
