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

test('peers are base URLs with commas between', () => {
  const read = (peers: string) => readReportsConfig({ REPORTS_PEERS: peers }).REPORTS_PEERS;
  expect(readReportsConfig({}).REPORTS_PEERS).toEqual([]);
  expect(read('http://reports-1:4002, https://reports-2')).toEqual([
    'http://reports-1:4002',
    'https://reports-2',
  ]);
  for (const peers of ['reports-1:4002', 'http://reports-1,', 'ftp://reports-1'])
    expect(() => read(peers)).toThrow(
      'REPORTS_PEERS must be a URL like http://reports-2:4002, or several with commas between',
    );
});
