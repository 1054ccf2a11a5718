import type { HealthReport } from '@seguridad-abc/contracts';
import { formatInstant } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RESTARTED_AT } from '../testing/heartbeat-message.js';
import {
  createSimulatedMonitor,
  INTERVAL_MS,
  runSimulation,
  simulations,
  START_TIME,
  type SimulatedMonitor,
} from '../testing/simulated-monitor.js';
import { adoptPublishedHealth, continueHealth, getReportedStatuses } from './continued-health.js';
import type { HealthTransition } from './health-transitions.js';

const createReport = (monitor: SimulatedMonitor, clockShiftMs = 0): HealthReport => ({
  v: 1,
  term: 1,
  run: 'other',
  sequence: 1,
  at: formatInstant(monitor.now.wallMs + clockShiftMs),
  intervalMs: INTERVAL_MS,
  services: monitor.serviceHealth.map((service) => ({
    ...service,
    since: shift(service.since, clockShiftMs),
    lastBeatAt: service.lastBeatAt === null ? null : shift(service.lastBeatAt, clockShiftMs),
    instances: service.instances.map((instance) => ({
      ...instance,
      lastBeatAt: shift(instance.lastBeatAt, clockShiftMs),
    })),
  })),
});
const shift = (instant: string, ms: number) => formatInstant(Date.parse(instant) + ms);
const getStatuses = (monitor: SimulatedMonitor) =>
  monitor.state.services.map(({ name, status, instances }) => [
    name,
    status,
    instances.map(({ id, liveness }) => [id, liveness]),
  ]);
const UP_THEN_SILENT = ['a', 'b'];

describe('a monitor that has just started', () => {
  it.each([0, 3_600_000, -3_600_000])(
    'knows every process as the speaker does, whose clock is %i ms ahead',
    (clockShiftMs) => {
      const speaker = createSimulatedMonitor();
      for (const instance of UP_THEN_SILENT) speaker.receiveHeartbeat({ instance });
      for (let i = 0; i < 8; i++) {
        speaker.advance(INTERVAL_MS);
        speaker.receiveHeartbeat({ instance: 'b' });
        speaker.receiveHeartbeat({ service: 'gateway', instance: 'g' });
      }
      const follower = createSimulatedMonitor();
      follower.apply(adoptPublishedHealth(createReport(speaker, clockShiftMs)));
      const names = ['reports', 'gateway'];
      const only = (monitor: SimulatedMonitor) =>
        getStatuses(monitor).filter(([name]) => names.includes(String(name)));
      expect(only(follower)).toStrictEqual(only(speaker));
      // And goes on knowing it.
      follower.advance(INTERVAL_MS);
      expect(only(follower)).toStrictEqual(only(speaker));
      // The dead process is removed at the same time as in the speaker.
      for (let i = 0; i < 32; i++) {
        for (const monitor of [speaker, follower]) {
          monitor.advance(INTERVAL_MS);
          monitor.receiveHeartbeat({ instance: 'b', sequence: 100 + i });
          monitor.receiveHeartbeat({ service: 'gateway', instance: 'g', sequence: 100 + i });
        }
        follower.apply(adoptPublishedHealth(createReport(speaker, clockShiftMs)));
      }
      expect(speaker.getService('reports').instances.map(({ id }) => id)).toStrictEqual(['b']);
      expect(only(follower)).toStrictEqual(only(speaker));
    },
  );

  it('forgets an adopted process that the speaker no longer lists, and none that it has seen', () => {
    const speaker = createSimulatedMonitor();
    speaker.receiveHeartbeat({ instance: 'a' });
    const follower = createSimulatedMonitor();
    follower.receiveHeartbeat({ instance: 'b' });
    follower.apply(adoptPublishedHealth(createReport(speaker)));
    expect(follower.getService('reports').instances.map(({ id }) => id)).toStrictEqual(['a', 'b']);
    speaker.receiveHeartbeat({ instance: 'a', status: 'stopping' });
    follower.apply(adoptPublishedHealth(createReport(speaker)));
    expect(follower.getService('reports').instances.map(({ id }) => id)).toStrictEqual(['b']);
  });

  it('does not adopt a process whose end it has seen, from an older report', () => {
    const speaker = createSimulatedMonitor();
    speaker.receiveHeartbeat({ instance: 'a' });
    const follower = createSimulatedMonitor();
    follower.receiveHeartbeat({ instance: 'a' });
    follower.receiveHeartbeat({ instance: 'a', status: 'stopping' });
    follower.apply(adoptPublishedHealth(createReport(speaker)));
    expect(follower.getService('reports').instances).toStrictEqual([]);
  });
});

describe('a monitor that differs from the speaker', () => {
  const createPair = () => {
    const speaker = createSimulatedMonitor();
    const follower = createSimulatedMonitor();
    for (const monitor of [speaker, follower]) monitor.receiveHeartbeat({ instance: 'a' });
    return { speaker, follower };
  };
  const adopt = (follower: SimulatedMonitor, speaker: SimulatedMonitor) =>
    follower.apply(adoptPublishedHealth(createReport(speaker)));

  it('takes DOWN from it if it could not prove the silence itself', () => {
    const { speaker, follower } = createPair();
    speaker.advance(6 * INTERVAL_MS);
    follower.advance(4 * INTERVAL_MS, 'unreachable');
    follower.advance(2 * INTERVAL_MS);
    expect(follower.getService('reports').status).not.toBe('DOWN');
    adopt(follower, speaker);
    expect(follower.getService('reports').status).toBe('DOWN');
  });

  it('takes UP from it if the speaker has received a heartbeat that it has not', () => {
    const { speaker, follower } = createPair();
    speaker.advance(2 * INTERVAL_MS - 200);
    speaker.receiveHeartbeat({ instance: 'a' });
    speaker.advance(INTERVAL_MS);
    follower.advance(3 * INTERVAL_MS - 200);
    expect(follower.getService('reports').status).toBe('LATE');
    adopt(follower, speaker);
    expect(follower.getService('reports').status).toBe('UP');
  });

  it('keeps what it has seen later: a heartbeat, a longer silence, a new process', () => {
    const heard = createPair();
    heard.speaker.advance(6 * INTERVAL_MS);
    heard.follower.advance(6 * INTERVAL_MS);
    heard.follower.receiveHeartbeat({ instance: 'a', startedAt: RESTARTED_AT, sequence: 1 });
    heard.follower.advance(200);
    heard.follower.receiveHeartbeat({ instance: 'a', startedAt: RESTARTED_AT, sequence: 2 });
    adopt(heard.follower, heard.speaker);
    expect(heard.follower.getService('reports').status).toBe('UP');

    const silent = createPair();
    silent.speaker.advance(2 * INTERVAL_MS - 200);
    silent.follower.advance(2 * INTERVAL_MS + 200);
    adopt(silent.follower, silent.speaker);
    expect(silent.follower.getService('reports').status).toBe('LATE');
    silent.speaker.advance(3 * INTERVAL_MS);
    silent.follower.advance(3 * INTERVAL_MS);
    expect(silent.speaker.getService('reports').status).toBe('LATE');
    adopt(silent.follower, silent.speaker);
    expect(silent.follower.getService('reports').status).toBe('DOWN');
  });
});

describe('continuing', () => {
  const observed = (
    from: HealthTransition['from'],
    to: HealthTransition['to'],
    at: number,
  ): HealthTransition => ({
    service: 'reports',
    from,
    to,
    at,
    reason: 'seen',
  });

  it('keeps the published start of an unchanged status', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    const last = getReportedStatuses(createReport(monitor)).map((one) => ({ ...one, since: 42 }));
    const { state, transitions } = continueHealth(monitor.state, last, [], monitor.now);
    expect(transitions).toStrictEqual([]);
    expect(state.services.map(({ since }) => since)).toStrictEqual(state.services.map(() => 42));
  });

  it('publishes what was seen since then, in order, and nothing twice', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    const last = getReportedStatuses(createReport(monitor)).map((one) =>
      one.name === 'reports' ? { ...one, status: 'LATE' as const } : one,
    );
    const { transitions } = continueHealth(
      monitor.state,
      last,
      [observed('UP', 'LATE', 1), observed('LATE', 'DOWN', 2), observed('DOWN', 'UP', 3)],
      monitor.now,
    );
    expect(transitions).toStrictEqual([observed('LATE', 'DOWN', 2), observed('DOWN', 'UP', 3)]);
  });

  it('leads from what was published to the present state, whatever was seen', () => {
    const statuses = fc.constantFrom('UP', 'LATE', 'DEGRADED', 'DOWN', 'UNKNOWN', 'MAINTENANCE');
    const names = fc.constantFrom('reports', 'gateway', 'probe', 'gone');
    const changes = fc.array(fc.record({ service: names, from: statuses, to: statuses }), { maxLength: 8 });
    const published = fc.uniqueArray(fc.record({ name: names, status: statuses }), {
      selector: ({ name }) => name,
      maxLength: 4,
    });
    fc.assert(
      fc.property(simulations, published, changes, (simulation, last, seen) => {
        const monitor = createSimulatedMonitor();
        runSimulation(monitor, simulation);
        const { state, transitions } = continueHealth(
          monitor.state,
          last.map((one) => ({ ...one, since: START_TIME.wallMs })),
          seen.map((one, at) => ({ ...one, at, reason: 'seen' })),
          monitor.now,
        );
        const reached = new Map<string, string>(last.map(({ name, status }) => [name, status]));
        for (const { service, from, to } of transitions) {
          expect(from).toBe(reached.get(service) ?? 'UNKNOWN');
          expect(to).not.toBe(from);
          reached.set(service, to);
        }
        for (const { name, status } of state.services) {
          expect(status).toBe(reached.get(name) ?? 'UNKNOWN');
          reached.delete(name);
        }
        expect([...reached.values()].every((status) => status === 'UNKNOWN')).toBe(true);
      }),
    );
  });
});
