import { expect, test } from 'vitest';
import { findFreeServicePorts } from './free-ports.js';

test('finds a different free port for each service', async () => {
  const ports = await findFreeServicePorts();
  expect(Object.keys(ports)).toEqual(['MONITORING_PORT', 'REPORTS_PORT', 'HEARTBEAT_PORT', 'GATEWAY_PORT']);
  expect(new Set(Object.values(ports)).size).toBe(4);
});
