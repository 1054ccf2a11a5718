import type { Heartbeat } from '@seguridad-abc/contracts';
import { describe, expect, it } from 'vitest';
import { createSimulatedMonitor, INTERVAL_MS, type SimulatedMonitor } from '../testing/simulated-monitor.js';

/** Sends heartbeats of monitoring and reports for some time. */
function sendPositions(
  monitor: SimulatedMonitor,
  ms: number,
  positions: { end: number; published: number; projected: number; readerLogId?: string },
  lag?: Heartbeat['lag'],
) {
  const { end, published, projected, readerLogId = 'log-1' } = positions;
  for (let left = ms; left > 0; left -= INTERVAL_MS) {
    monitor.receiveHeartbeat({
      ...{ service: 'monitoring', instance: 'm' },
      log: { id: 'log-1', end, published },
    });
    monitor.receiveHeartbeat({
      ...{ service: 'reports', instance: 'r' },
      ...(lag && { lag }),
      log: { id: readerLogId, projected },
    });
    monitor.advance(INTERVAL_MS);
  }
}

describe('a projector that does not know that it stands still', () => {
  it('makes reports DEGRADED after 15 s, and UP when it moves again', () => {
    const monitor = createSimulatedMonitor();
    sendPositions(monitor, 4_000, { end: 7, published: 7, projected: 7 });
    sendPositions(monitor, 14_000, { end: 8, published: 8, projected: 7 }, { entries: 0, what: 'behind' });
    expect(monitor.getStatuses('reports')).toStrictEqual(['UP']);
    sendPositions(monitor, 4_000, { end: 9, published: 9, projected: 7 }, { entries: 0, what: 'behind' });
    expect(monitor.getService('reports')).toMatchObject({
      status: 'DEGRADED',
      reason: 'no log entry was projected for 18.0 s although entries wait',
    });
    sendPositions(monitor, 2_000, { end: 9, published: 9, projected: 8 });
    expect(monitor.getStatuses('reports')).toStrictEqual(['UP', 'DEGRADED', 'UP']);
    expect(monitor.getStatuses('monitoring')).toStrictEqual(['UP']);
  });

  it('is not reported while it is idle or slow', () => {
    const monitor = createSimulatedMonitor();
    sendPositions(monitor, 60_000, { end: 7, published: 7, projected: 7 });
    for (let n = 0; n < 20; n++)
      sendPositions(monitor, 4_000, { end: 100 + n, published: 100 + n, projected: 10 + n });
    expect(monitor.getStatuses('reports')).toStrictEqual(['UP']);
  });

  it('is not compared with another log', () => {
    const monitor = createSimulatedMonitor();
    sendPositions(monitor, 30_000, { end: 9, published: 9, projected: 7, readerLogId: 'log-2' });
    expect(monitor.getStatuses('reports')).toStrictEqual(['UP']);
  });
});

it('a relay that stands still makes monitoring DEGRADED', () => {
  const monitor = createSimulatedMonitor();
  sendPositions(monitor, 18_000, { end: 9, published: 7, projected: 9 });
  expect(monitor.getService('monitoring')).toMatchObject({
    status: 'DEGRADED',
    reason: 'no log entry was published for 18.0 s although entries wait',
  });
});

it('the time without heartbeats does not count', () => {
  const monitor = createSimulatedMonitor();
  sendPositions(monitor, 4_000, { end: 9, published: 7, projected: 7 });
  monitor.advance(60_000, 'unreachable');
  sendPositions(monitor, 4_000, { end: 9, published: 7, projected: 7 });
  expect(monitor.getStatuses('monitoring')).toStrictEqual(['UP', 'UNKNOWN', 'UP']);
});

it('the lag is measured against the end of the log, whatever a process says about itself', () => {
  const monitor = createSimulatedMonitor();
  const lag = { entries: 0, what: 'log entries behind' };
  sendPositions(monitor, 2_000, { end: 1_000, published: 1_000, projected: 0 }, lag);
  expect(monitor.getService('reports').status).toBe('UP');
  sendPositions(monitor, 2_000, { end: 1_001, published: 1_001, projected: 0 }, lag);
  expect(monitor.getService('reports')).toMatchObject({
    status: 'DEGRADED',
    reason: 'more than 1,000 log entries behind',
  });
});
