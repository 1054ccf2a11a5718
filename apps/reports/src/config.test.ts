import { expect, test } from 'vitest';
import { readReportsConfig } from './config.js';

test('reports needs no settings', () =>
  expect(readReportsConfig({})).toMatchObject({
    REPORTS_PORT: 4002,
    MONITORING_PORT: 4001,
    PROJECTION_WAIT_MS: 500,
  }));

test('faults are told together', () =>
  expect(() =>
    readReportsConfig({ REPORTS_PORT: 'x', MONITORING_URL: 'here', PROJECTION_WAIT_MS: '-1' }),
  ).toThrow(/REPORTS_PORT .*MONITORING_URL .*PROJECTION_WAIT_MS /));
