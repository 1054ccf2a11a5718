import { recordLogs } from '@seguridad-abc/platform/testing';
import { expect, it } from 'vitest';
import { createSimulatedMonitor, INTERVAL_MS } from '../testing/simulated-monitor.js';
import { logTransitions } from './health-monitor.js';

/** Logs all transitions of a monitor, and returns the lines about one service. */
function logStatusesOf(name: string, monitor: ReturnType<typeof createSimulatedMonitor>): string[] {
  const { logger, lines } = recordLogs();
  const transitions = monitor.transitions.filter(({ service }) => service === name);
  logTransitions(transitions, monitor.state, logger);
  return lines.map(({ level, to }) => `${level}: ${String(to)}`);
}

it('a service that becomes silent is a warning', () => {
  const monitor = createSimulatedMonitor();
  monitor.receiveHeartbeat();
  monitor.advance(5 * INTERVAL_MS);
  expect(logStatusesOf('reports', monitor)).toStrictEqual(['info: UP', 'warn: LATE', 'warn: DOWN']);
});

it('a service that stops normally is no warning', () => {
  const monitor = createSimulatedMonitor();
  monitor.receiveHeartbeat();
  monitor.receiveHeartbeat({ status: 'stopping' });
  expect(logStatusesOf('reports', monitor)).toStrictEqual(['info: UP', 'info: DOWN']);
});
