import { expect, test } from 'vitest';
import {
  assignTopologyPorts,
  listTopologyPorts,
  MAX_INSTANCES,
  MAX_PORT_DISTANCE,
} from './topology-ports.js';

const createCounts = (count: number) => ({
  gateway: count,
  monitoring: count,
  reports: count,
  heartbeat: count,
});

test('each program has a port at a fixed distance from that of the balancer', () => {
  expect(Object.fromEntries(listTopologyPorts(assignTopologyPorts(4_000, createCounts(2))))).toEqual({
    balancer: 4_000,
    'gateway-1': 4_011,
    'gateway-2': 4_012,
    'monitoring-1': 4_021,
    'monitoring-2': 4_022,
    'reports-1': 4_031,
    'reports-2': 4_032,
    'heartbeat-1': 4_041,
    'heartbeat-2': 4_042,
    'postgres-1': 4_051,
    'postgres-2': 4_052,
    'redis-1': 4_061,
    'redis-2': 4_062,
    'sentinel-1': 4_071,
    'sentinel-2': 4_072,
    'sentinel-3': 4_073,
  });
});

test('also with as many instances as possible, no two programs have the same port', () => {
  const ports = listTopologyPorts(assignTopologyPorts(4_000, createCounts(MAX_INSTANCES))).map(
    ([, port]) => port,
  );
  expect(new Set(ports).size).toBe(ports.length);
  expect(Math.max(...ports)).toBe(4_000 + MAX_PORT_DISTANCE);
});

test.each([0, 65_463, 4_000.5, Number.NaN])('%s is no port for the balancer', (port) => {
  expect(() => assignTopologyPorts(port, createCounts(2))).toThrow(
    'GATEWAY_PORT must be a whole number from 1 to 65462',
  );
});
