import { describe, expect, it } from 'vitest';
import { createSimulatedMonitor, INTERVAL_MS, type SimulatedMonitor } from '../testing/simulated-monitor.js';
import { applyReceptionConfirmation } from './health-state.js';

const expectEveryService = (monitor: SimulatedMonitor, status: string, reason: RegExp) => {
  for (const service of monitor.serviceHealth) {
    expect(service).toMatchObject({ status, reason: expect.stringMatching(reason) as unknown });
  }
};

describe('while Redis is unreachable', () => {
  it('silence makes no service LATE', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    monitor.advance(1_800);
    expect(monitor.getService('reports').status).toBe('UP');
    monitor.advance(1_800, 'unreachable');
    expect(monitor.getService('reports').status).toBe('UP');
  });

  it('every service and instance is UNKNOWN after one interval, with the outage as reason', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    monitor.advance(INTERVAL_MS, 'unreachable');
    expectEveryService(
      monitor,
      'UNKNOWN',
      /^Redis has been unreachable for 2\.0 s: heartbeats cannot be received$/,
    );
    expect(monitor.getService('reports').instances).toMatchObject([{ status: 'UNKNOWN' }]);
    monitor.advance(600_000, 'unreachable');
    expectEveryService(
      monitor,
      'UNKNOWN',
      /^Redis has been unreachable for 10 min 2 s: heartbeats cannot be received$/,
    );
  });

  it('every service is UNKNOWN if Redis is unreachable from the start', () => {
    const monitor = createSimulatedMonitor({ redis: 'unreachable' });
    expectEveryService(
      monitor,
      'UNKNOWN',
      /^status not determined yet: no heartbeat in the 0\.0 s since the monitor started$/,
    );
    monitor.advance(30_000, 'unreachable');
    expectEveryService(
      monitor,
      'UNKNOWN',
      /^Redis has been unreachable for 30\.0 s: heartbeats cannot be received$/,
    );
  });

  it('a DOWN service becomes UNKNOWN too', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    monitor.advance(12_000);
    monitor.advance(INTERVAL_MS, 'unreachable');
    expect(monitor.getStatuses('reports')).toStrictEqual(['UP', 'LATE', 'DOWN', 'UNKNOWN']);
    expect(monitor.getStatuses('gateway')).toStrictEqual(['DOWN', 'UNKNOWN']);
  });

  it('a late reply to an old PING does not restore reception', () => {
    const monitor = createSimulatedMonitor();
    const sentAt = monitor.now.monotonicMs;
    monitor.advance(INTERVAL_MS, 'unreachable');
    monitor.apply(applyReceptionConfirmation(sentAt));
    expectEveryService(monitor, 'UNKNOWN', /^Redis has been unreachable/);
  });

  it('a heartbeat that was in transit does not make a service UP', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    monitor.advance(INTERVAL_MS, 'unreachable');
    monitor.receiveHeartbeat();
    monitor.advance(0);
    expect(monitor.getService('reports').status).toBe('UNKNOWN');
    monitor.apply(applyReceptionConfirmation(monitor.now.monotonicMs));
    expect(monitor.getService('reports').status).toBe('UNKNOWN');
    monitor.receiveHeartbeat();
    expect(monitor.getService('reports').status).toBe('UP');
  });
});

describe('after Redis is reachable again', () => {
  const createRestoredMonitor = () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    monitor.advance(7_000, 'unreachable');
    monitor.apply(applyReceptionConfirmation(monitor.now.monotonicMs));
    return monitor;
  };

  it('a service is UNKNOWN until its first heartbeat, which makes it UP', () => {
    const monitor = createRestoredMonitor();
    monitor.advance(3_800);
    expect(monitor.getService('reports')).toMatchObject({
      status: 'UNKNOWN',
      reason:
        'status not determined yet: no heartbeat in the 3.8 s since the connection to Redis was restored',
    });
    monitor.receiveHeartbeat();
    expect(monitor.getStatuses('reports')).toStrictEqual(['UP', 'UNKNOWN', 'UP']);
  });

  it('a silent service becomes LATE and DOWN after the full number of intervals', () => {
    const monitor = createRestoredMonitor();
    monitor.advance(3_800);
    expect(monitor.getService('reports').status).toBe('UNKNOWN');
    monitor.advance(200);
    expect(monitor.getService('reports')).toMatchObject({
      status: 'LATE',
      reason: 'heartbeat 2.0 s late; expected every 2.0 s',
    });
    monitor.advance(5_800);
    expect(monitor.getService('reports').status).toBe('LATE');
    monitor.advance(200);
    expect(monitor.getService('reports')).toMatchObject({
      status: 'DOWN',
      reason: 'no heartbeat for 10.0 s; expected every 2.0 s',
    });
    expect(monitor.getService('gateway')).toMatchObject({
      status: 'DOWN',
      reason: 'no heartbeat in the 10.0 s since the connection to Redis was restored',
    });
  });

  it('a service that stopped normally is UNKNOWN, because it may have started unnoticed', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    monitor.receiveHeartbeat({ status: 'stopping' });
    monitor.advance(2_000, 'unreachable');
    monitor.apply(applyReceptionConfirmation(monitor.now.monotonicMs));
    monitor.advance(9_800);
    expect(monitor.getService('reports').status).toBe('UNKNOWN');
    monitor.advance(200);
    expect(monitor.getService('reports')).toMatchObject({
      status: 'DOWN',
      reason: 'stopped normally 12.0 s ago',
    });
  });
});

describe('a connection loss shorter than one interval', () => {
  it('changes no status', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    monitor.advance(1_800);
    monitor.loseConnection();
    monitor.advance(1_600, 'unreachable');
    monitor.advance(1_800);
    expect(monitor.getStatuses('reports')).toStrictEqual(['UP']);
    expect(monitor.getStatuses('gateway')).toStrictEqual([]);
  });

  it('restarts the wait for a service whose status is not determined yet', () => {
    const monitor = createSimulatedMonitor();
    monitor.advance(3_800);
    monitor.loseConnection();
    monitor.advance(1_200);
    expect(monitor.getService('gateway').reason).toBe(
      'status not determined yet: no heartbeat in the 1.0 s since the connection to Redis was restored',
    );
  });

  it('restarts the count of silent intervals, because heartbeats may have been lost', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    monitor.advance(3_800);
    monitor.loseConnection();
    monitor.advance(200);
    expect(monitor.getService('reports').status).toBe('UP');
    monitor.advance(3_800);
    expect(monitor.getService('reports').status).toBe('UP');
    monitor.advance(200);
    expect(monitor.getService('reports')).toMatchObject({
      status: 'LATE',
      reason: 'heartbeat 2.0 s late; expected every 2.0 s',
    });
  });

  it('does not shorten the silence in the reason of a silent service', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    monitor.advance(12_000);
    monitor.loseConnection();
    monitor.advance(200);
    expect(monitor.getService('reports')).toMatchObject({
      status: 'DOWN',
      reason: 'no heartbeat for 12.2 s; expected every 2.0 s',
    });
    expect(monitor.getService('gateway')).toMatchObject({
      status: 'DOWN',
      reason: 'no heartbeat in the 12.2 s since the monitor started',
    });
  });
});

describe('after a pause of the monitor process', () => {
  it('silent intervals count from the end of the pause', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    monitor.pause(60_000);
    monitor.advance(3_800);
    expect(monitor.getStatuses('reports')).toStrictEqual(['UP']);
    monitor.advance(400);
    expect(monitor.getStatuses('reports')).toStrictEqual(['UP', 'LATE']);
  });

  it('no reason says that Redis was unreachable', () => {
    const monitor = createSimulatedMonitor();
    monitor.pause(60_000);
    monitor.advance(200);
    expectEveryService(
      monitor,
      'UNKNOWN',
      /^status not determined yet: no heartbeat in the 0\.0 s since the monitor resumed after a pause$/,
    );
  });

  it('a heartbeat that arrives first changes nothing else', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    monitor.pause(60_000);
    monitor.receiveHeartbeat();
    monitor.advance(3_800);
    expect(monitor.getStatuses('reports')).toStrictEqual(['UP']);
  });

  it('a pause shorter than one interval changes nothing', () => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    monitor.advance(2_200);
    monitor.pause(1_600);
    monitor.advance(200);
    expect(monitor.getService('reports').status).toBe('LATE');
  });

  it('lost reception stays lost', () => {
    const monitor = createSimulatedMonitor();
    monitor.advance(4_000, 'unreachable');
    monitor.pause(60_000);
    monitor.advance(200, 'unreachable');
    expect(monitor.state.reception.isLost).toBe(true);
    monitor.advance(200);
    expect(monitor.state.reception.isLost).toBe(false);
  });
});

describe('the wall clock', () => {
  it.each([3_600_000, -3_600_000])('changes no status when it is set by %i ms', (ms) => {
    const monitor = createSimulatedMonitor();
    monitor.receiveHeartbeat();
    monitor.shiftWallClock(ms);
    monitor.advance(3_800);
    expect(monitor.getStatuses('reports')).toStrictEqual(['UP']);
    monitor.advance(200);
    expect(monitor.getService('reports')).toMatchObject({
      status: 'LATE',
      reason: 'heartbeat 2.0 s late; expected every 2.0 s',
    });
  });
});
