import { formatInstant } from '@seguridad-abc/contracts';
import { describe, expect, it } from 'vitest';
import { createSimulatedMonitor, INTERVAL_MS, type SimulatedMonitor } from '../testing/simulated-monitor.js';

const HOUR_MS = 3_600_000;
const SERVICES = ['gateway', 'heartbeat', 'monitoring', 'reports'];

/** Sends the heartbeats of all services for some intervals. @param offsets of their clocks from the monitor's, in ms */
function sendHeartbeats(
  monitor: SimulatedMonitor,
  intervals: number,
  offsets: Readonly<Record<string, number>> = {},
  delayMs = 0,
) {
  for (let n = 0; n < intervals; n++) {
    for (const service of SERVICES) {
      monitor.advance(INTERVAL_MS / SERVICES.length);
      const sentAt = formatInstant(monitor.now.wallMs + (offsets[service] ?? 0) - delayMs);
      monitor.receiveHeartbeat({ service, instance: service, sentAt });
    }
  }
}
const getStatuses = (monitor: SimulatedMonitor) =>
  Object.fromEntries(SERVICES.map((name) => [name, monitor.getStatuses(name)]));
const ALL_UP = Object.fromEntries(SERVICES.map((name) => [name, ['UP']]));

describe('a clock that is wrong', () => {
  it.each([
    [HOUR_MS, "its clock is 60 min 0 s ahead of the other processes' (limit 5.0 s)"],
    [-3 * HOUR_MS, "its clock is 3 h 0 min behind the other processes' (limit 5.0 s)"],
    [-6_500, "its clock is 6.5 s behind the other processes' (limit 5.0 s)"],
  ])('by %i ms is reported by name and amount, until it is right again', (offsetMs, reason) => {
    const monitor = createSimulatedMonitor();
    sendHeartbeats(monitor, 2);
    sendHeartbeats(monitor, 2, { reports: offsetMs });
    expect(monitor.getService('reports')).toMatchObject({ status: 'DEGRADED', reason });
    sendHeartbeats(monitor, 2);
    expect(getStatuses(monitor)).toStrictEqual({ ...ALL_UP, reports: ['UP', 'DEGRADED', 'UP'] });
  });

  it('by less than the limit is no problem', () => {
    const monitor = createSimulatedMonitor();
    sendHeartbeats(monitor, 4, { reports: 4_900, gateway: -4_900 });
    expect(getStatuses(monitor)).toStrictEqual(ALL_UP);
  });

  it('is that of the monitor, if it differs from all others', () => {
    const monitor = createSimulatedMonitor();
    sendHeartbeats(monitor, 3, { gateway: HOUR_MS, monitoring: HOUR_MS, reports: HOUR_MS });
    expect(getStatuses(monitor)).toStrictEqual({ ...ALL_UP, heartbeat: ['UP', 'DEGRADED'] });
    expect(monitor.getService('heartbeat').reason).toMatch(/^its clock is 60 min 0 s behind/);
  });

  it.each([HOUR_MS, -HOUR_MS])(
    'is no problem while one clock of all processes is set by %i ms, and nobody is LATE or DOWN',
    (ms) => {
      const monitor = createSimulatedMonitor();
      sendHeartbeats(monitor, 2);
      monitor.shiftWallClock(ms);
      sendHeartbeats(monitor, 4);
      expect(getStatuses(monitor)).toStrictEqual(ALL_UP);
    },
  );

  it('is not assumed while the clock of the machine of the monitor alone is set', () => {
    const monitor = createSimulatedMonitor();
    sendHeartbeats(monitor, 2);
    monitor.shiftWallClock(HOUR_MS);
    sendHeartbeats(monitor, 4, { gateway: -HOUR_MS, monitoring: -HOUR_MS, reports: -HOUR_MS });
    expect(getStatuses(monitor)).toStrictEqual({ ...ALL_UP, heartbeat: ['UP', 'DEGRADED'] });
  });
});

describe('the clock of a process', () => {
  const getOffset = (monitor: SimulatedMonitor) =>
    monitor.state.services.find(({ name }) => name === 'reports')?.instances[0]?.clockOffsets?.current;
  const receive = (monitor: SimulatedMonitor, offsetMs: number) =>
    monitor.receiveHeartbeat({ sentAt: formatInstant(monitor.now.wallMs + offsetMs) });

  it('is not known from heartbeats without their instant', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    expect(getOffset(monitor)).toBeUndefined();
  });

  it('is only seen while probes arrive: at most a second after the last one', () => {
    const monitor = createSimulatedMonitor();
    monitor.advance(1_000, 'unreachable');
    receive(monitor, 40);
    expect(getOffset(monitor)).toBe(40);
    const late = createSimulatedMonitor();
    late.advance(1_200, 'unreachable');
    receive(late, 40);
    expect(getOffset(late)).toBeUndefined();
  });

  it('is not seen after the connection was lost, until the next probe', () => {
    const monitor = createSimulatedMonitor();
    monitor.loseConnection();
    receive(monitor, -3_600_000);
    expect(getOffset(monitor)).toBeUndefined();
    monitor.advance(200);
    receive(monitor, 40);
    expect(getOffset(monitor)).toBe(40);
  });
});

describe('heartbeats that were delayed', () => {
  it('do not make a clock wrong if they waited in Redis', () => {
    const monitor = createSimulatedMonitor();
    sendHeartbeats(monitor, 2);
    monitor.advance(30_000, 'unreachable');
    for (let delayMs = 30_000; delayMs >= 0; delayMs -= INTERVAL_MS) {
      const sentAt = formatInstant(monitor.now.wallMs - delayMs);
      monitor.receiveHeartbeat({ service: 'reports', instance: 'reports', sentAt });
    }
    sendHeartbeats(monitor, 3);
    expect(monitor.getStatuses('reports')).toStrictEqual(['UP', 'UNKNOWN', 'UP']);
  });

  it('do not make a clock wrong if they arrive together, after a pause on their way', () => {
    const monitor = createSimulatedMonitor();
    sendHeartbeats(monitor, 2);
    monitor.advance(INTERVAL_MS);
    for (const delayMs of [60_000, 58_000, 56_000, 2_000]) {
      const sentAt = formatInstant(monitor.now.wallMs - delayMs);
      monitor.receiveHeartbeat({ service: 'reports', instance: 'reports', sentAt });
    }
    sendHeartbeats(monitor, 3);
    expect(monitor.getStatuses('reports')).toStrictEqual(['UP']);
  });
});
