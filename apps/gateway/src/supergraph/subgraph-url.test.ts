import { expect, test } from 'vitest';
import { subgraphUrl } from './subgraph-url.js';

const none = {
  HOST: '127.0.0.1',
  MONITORING_PORT: undefined,
  REPORTS_PORT: undefined,
  HEARTBEAT_PORT: undefined,
};
const url = 'http://10.0.0.1:4002/graphql';

test('a subgraph is asked at its routing URL', () => {
  expect(subgraphUrl({ name: 'reports', url }, none)).toBe(url);
  expect(subgraphUrl({ name: 'toString', url }, none)).toBe(url);
});

test('or on the port that the settings give for its name', () => {
  const config = { ...none, REPORTS_PORT: 14_002 };
  expect(subgraphUrl({ name: 'reports', url }, config)).toBe('http://127.0.0.1:14002/graphql');
  expect(subgraphUrl({ name: 'monitoring', url }, config)).toBe(url);
  const elsewhere = { ...config, HOST: '192.0.2.7' };
  expect(subgraphUrl({ name: 'reports', url }, elsewhere)).toBe('http://192.0.2.7:14002/graphql');
});
