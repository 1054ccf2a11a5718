import { expect, test } from 'vitest';
import { readReportsConfig } from './config.js';

test('every setting has a default', () =>
  expect(readReportsConfig({})).toMatchObject({
    REPORTS_PORT: 4002,
    MONITORING_PORT: 4001,
    PROJECTION_WAIT_MS: 500,
  }));

test('one error reports all invalid settings', () =>
  expect(() =>
    readReportsConfig({ REPORTS_PORT: 'x', MONITORING_URL: 'here', PROJECTION_WAIT_MS: '-1' }),
  ).toThrow(/REPORTS_PORT .*MONITORING_URL .*PROJECTION_WAIT_MS /));
