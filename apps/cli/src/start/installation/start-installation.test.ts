import { expect, test } from 'vitest';
import { checkPortsDiffer } from './start-installation.js';

const PORTS = { MONITORING_PORT: '4001', REPORTS_PORT: '4002', HEARTBEAT_PORT: '4003', GATEWAY_PORT: '4000' };

test('two settings may not have the same port', () => {
  expect(() => checkPortsDiffer(PORTS)).not.toThrow();
  expect(() => checkPortsDiffer({ ...PORTS, REPORTS_PORT: '4001' })).toThrow(
    'MONITORING_PORT and REPORTS_PORT are both 4001: give each its own port.',
  );
});
