import { describe, expect, it } from 'vitest';
import { RESTARTED_AT } from '../testing/heartbeat-message.js';
import { createSimulatedMonitor, INTERVAL_MS, type SimulatedMonitor } from '../testing/simulated-monitor.js';

const A = 'a:4001';
const B = 'b:4001';

/** Sends heartbeats of the instances for a number of intervals. */
const sendHeartbeatsFor = (monitor: SimulatedMonitor, intervals: number, ...instances: string[]) => {
  for (let i = 0; i < intervals; i += 1) {
    for (const instance of instances) monitor.receiveHeartbeat({ instance });
    monitor.advance(INTERVAL_MS);
  }
};

describe('a service that reports a problem', () => {
  it.each([
    [
      'an error',
      { status: 'error', detail: 'the stream is of another log' },
      'reports an error: the stream is of another log',
    ],
    ['an error without detail', { status: 'error' }, 'reports an error'],
    [
      'its lag, without the exact number',
      { lag: { entries: 1_204, what: 'log entries not yet relayed' } },
      'more than 1,000 log entries not yet relayed',
    ],
    ['its event-loop delay', { loopDelayMs: 812.3 }, 'event-loop delay 812 ms (limit 500 ms)'],
    [
      'several problems',
      { status: 'error', detail: 'disk full', loopDelayMs: 1_500 },
      'reports an error: disk full; event-loop delay 1,500 ms (limit 500 ms)',
    ],
  ] as const)('is DEGRADED by %s', (_name, heartbeat, reason) => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat(heartbeat);
    expect(monitor.getService('reports')).toMatchObject({
      status: 'DEGRADED',
      reason,
      instances: [{ status: 'DEGRADED' }],
    });
    monitor.receiveHeartbeat();
    expect(monitor.getStatuses('reports')).toStrictEqual(['DEGRADED', 'UP']);
  });

  it('is UP if its figures are exactly at the limits', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat({ lag: { entries: 1_000, what: 'log entries behind' }, loopDelayMs: 500 });
    expect(monitor.getService('reports').status).toBe('UP');
  });

  it('is LATE, then DOWN after it becomes silent', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat({ status: 'error', detail: 'disk full' });
    monitor.advance(10_000);
    expect(monitor.getStatuses('reports')).toStrictEqual(['DEGRADED', 'LATE', 'DOWN']);
  });
});

describe('a service with several instances', () => {
  it('is UP if all send heartbeats', () => {
    const monitor = createSimulatedMonitor();
    sendHeartbeatsFor(monitor, 10, A, B);
    expect(monitor.getStatuses('reports')).toStrictEqual(['UP']);
    expect(monitor.getService('reports')).toMatchObject({
      reason: '2 instances send heartbeats as expected, every 2.0 s',
      instances: [{ id: A }, { id: B }],
    });
  });

  it('is DEGRADED while one instance is late or down and another works', () => {
    const monitor = createSimulatedMonitor();
    sendHeartbeatsFor(monitor, 1, A, B);
    sendHeartbeatsFor(monitor, 2, B);
    expect(monitor.getService('reports')).toMatchObject({
      status: 'DEGRADED',
      reason: '1 of 2 instances is late: a:4001 (heartbeat 4.0 s late; expected every 2.0 s)',
      instances: [
        { id: A, status: 'LATE' },
        { id: B, status: 'UP' },
      ],
    });
    sendHeartbeatsFor(monitor, 3, B);
    expect(monitor.getService('reports')).toMatchObject({
      status: 'DEGRADED',
      reason: '1 of 2 instances is down: a:4001 (no heartbeat for 12.0 s; expected every 2.0 s)',
    });
    expect(monitor.getStatuses('reports')).toStrictEqual(['UP', 'DEGRADED']);
  });

  it('names each group of instances in its reason, worst first', () => {
    const monitor = createSimulatedMonitor();
    sendHeartbeatsFor(monitor, 1, A, B, 'c', 'd', 'e');
    monitor.advance(4_000);
    monitor.receiveHeartbeat({ instance: 'f' });
    monitor.advance(4_000);
    monitor.receiveHeartbeat({ instance: 'g', loopDelayMs: 700 });
    expect(monitor.getService('reports')).toMatchObject({
      status: 'DEGRADED',
      reason:
        '5 of 7 instances are down: a:4001 (no heartbeat for 10.0 s; expected every 2.0 s), ' +
        'b:4001 (no heartbeat for 10.0 s; expected every 2.0 s), c (no heartbeat for 10.0 s; expected every 2.0 s), ' +
        '2 more; 1 of 7 instances is late: f (heartbeat 2.0 s late; expected every 2.0 s); ' +
        '1 of 7 instances is degraded: g (event-loop delay 700 ms (limit 500 ms))',
    });
  });

  it('is LATE while its last instance is LATE, then DOWN', () => {
    const monitor = createSimulatedMonitor();
    sendHeartbeatsFor(monitor, 1, A, B);
    sendHeartbeatsFor(monitor, 1, B);
    monitor.advance(2_000);
    expect(monitor.getService('reports').status).toBe('LATE');
    monitor.advance(4_000);
    expect(monitor.getService('reports')).toMatchObject({
      status: 'LATE',
      reason:
        '1 of 2 instances is down: a:4001 (no heartbeat for 10.0 s; expected every 2.0 s); ' +
        '1 of 2 instances is late: b:4001 (heartbeat 6.0 s late; expected every 2.0 s)',
    });
    monitor.advance(2_000);
    expect(monitor.getService('reports').status).toBe('DOWN');
  });

  it('is UP after a Redis outage if one instance sends a heartbeat and the status of another is not determined yet', () => {
    const monitor = createSimulatedMonitor();
    sendHeartbeatsFor(monitor, 1, A, B);
    monitor.advance(4_000, 'unreachable');
    monitor.advance(200);
    monitor.receiveHeartbeat({ instance: B });
    expect(monitor.getService('reports')).toMatchObject({
      status: 'UP',
      reason:
        '1 of 2 instances is of unknown status: a:4001 (no heartbeat in the 0.0 s since the connection to Redis was restored)',
    });
  });
});

describe('a DOWN instance', () => {
  it('is removed after 60 s while another instance works', () => {
    const monitor = createSimulatedMonitor();
    sendHeartbeatsFor(monitor, 1, A, B);
    sendHeartbeatsFor(monitor, 33, B);
    expect(monitor.getService('reports')).toMatchObject({
      status: 'DEGRADED',
      instances: [{ id: A }, { id: B }],
    });
    sendHeartbeatsFor(monitor, 2, B);
    expect(monitor.getService('reports')).toMatchObject({ status: 'UP', instances: [{ id: B }] });
  });

  it('stays while no other instance works', () => {
    const monitor = createSimulatedMonitor();
    sendHeartbeatsFor(monitor, 1, A, B);
    monitor.advance(120_000);
    expect(monitor.getService('reports')).toMatchObject({
      status: 'DOWN',
      instances: [{ id: A }, { id: B }],
    });
  });

  it('is UP after one heartbeat if it was removed', () => {
    const monitor = createSimulatedMonitor({ thresholds: { forgetAfterMs: 0 } });
    sendHeartbeatsFor(monitor, 1, A, B);
    sendHeartbeatsFor(monitor, 6, B);
    expect(monitor.getService('reports').instances).toMatchObject([{ id: B }]);
    monitor.receiveHeartbeat({ instance: A });
    expect(monitor.getService('reports')).toMatchObject({ status: 'UP', instances: [{ id: A }, { id: B }] });
  });
});

describe('normal stops', () => {
  it('a stop of the last instance makes an expected service DOWN', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    monitor.receiveHeartbeat({ status: 'stopping' });
    monitor.advance(3_200);
    expect(monitor.getService('reports')).toMatchObject({
      status: 'DOWN',
      reason: 'stopped normally 3.2 s ago',
      since: '2026-01-31T10:00:00.000Z',
      lastBeatAt: '2026-01-31T10:00:00.000Z',
      instances: [],
    });
    monitor.advance(20_000);
    expect(monitor.getStatuses('reports')).toStrictEqual(['UP', 'DOWN']);
  });

  it('a stop of one of two instances removes it', () => {
    const monitor = createSimulatedMonitor();
    sendHeartbeatsFor(monitor, 1, A, B);
    monitor.receiveHeartbeat({ instance: A, status: 'stopping' });
    sendHeartbeatsFor(monitor, 10, B);
    expect(monitor.getStatuses('reports')).toStrictEqual(['UP']);
    expect(monitor.getService('reports').instances).toMatchObject([{ id: B }]);
  });

  it('a stop of the last instance removes a service that is not expected', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat({ service: 'probe' });
    expect(monitor.getService('probe').status).toBe('UP');
    monitor.receiveHeartbeat({ service: 'probe', status: 'stopping' });
    expect(monitor.serviceHealth.map(({ name }) => name)).not.toContain('probe');
  });

  it('a stop without earlier heartbeats makes an expected service DOWN and lists no other one', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat({ status: 'stopping' });
    monitor.receiveHeartbeat({ service: 'probe', status: 'stopping' });
    expect(monitor.getService('reports')).toMatchObject({
      status: 'DOWN',
      reason: 'stopped normally 0.0 s ago',
    });
    expect(monitor.serviceHealth).toHaveLength(4);
  });

  it('a stop followed by a heartbeat of the next process makes the service UP at once', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    monitor.receiveHeartbeat({ status: 'stopping' });
    monitor.receiveHeartbeat({ startedAt: RESTARTED_AT, sequence: 1 });
    expect(monitor.getStatuses('reports')).toStrictEqual(['UP', 'DOWN', 'UP']);
  });

  it('a stop is not undone by an overtaken heartbeat of the same process', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat({ sequence: 1 });
    monitor.receiveHeartbeat({ sequence: 3, status: 'stopping' });
    monitor.receiveHeartbeat({ sequence: 2 });
    expect(monitor.getService('reports').status).toBe('DOWN');
  });

  it('a stop of a replaced process does not remove the process that runs now', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat({ sequence: 7 });
    monitor.receiveHeartbeat({ startedAt: RESTARTED_AT, sequence: 1 });
    monitor.receiveHeartbeat({ sequence: 8, status: 'stopping' });
    expect(monitor.getService('reports')).toMatchObject({
      status: 'UP',
      instances: [{ startedAt: RESTARTED_AT }],
    });
  });
});

describe('a service that another service reports a problem about', () => {
  const createProblemReport = (service: string) => ({
    service: 'gateway',
    instance: 'host:4000',
    others: [{ service, detail: 'its requests fail' }],
  });

  it('is DEGRADED while the other one reports the problem', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    monitor.receiveHeartbeat(createProblemReport('reports'));
    expect(monitor.getService('reports')).toMatchObject({
      status: 'DEGRADED',
      reason: 'gateway reports: its requests fail; sends heartbeats as expected, every 2.0 s',
      instances: [{ status: 'UP' }],
    });
    monitor.advance(INTERVAL_MS);
    monitor.receiveHeartbeat();
    monitor.receiveHeartbeat({ service: 'gateway', instance: 'host:4000' });
    expect(monitor.getStatuses('reports')).toStrictEqual(['UP', 'DEGRADED', 'UP']);
  });

  it('is DOWN by its own silence, and a DOWN service cannot degrade others', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    monitor.receiveHeartbeat(createProblemReport('reports'));
    for (let intervals = 2; intervals < 8; intervals += 1) {
      monitor.advance(INTERVAL_MS);
      monitor.receiveHeartbeat(createProblemReport('reports'));
    }
    expect(monitor.getService('reports').status).toBe('DOWN');
    const other = createSimulatedMonitor();
    other.receiveHeartbeat(createProblemReport('reports'));
    for (let intervals = 1; intervals < 8; intervals += 1) {
      other.receiveHeartbeat();
      other.advance(INTERVAL_MS);
    }
    expect(other.getService('gateway').status).toBe('DOWN');
    expect(other.getService('reports').status).toBe('UP');
  });
});
