import { expect, test } from 'vitest';
import { getSubgraphUrl } from './subgraph-url.js';

const NO_PORTS = {
  HOST: '127.0.0.1',
  MONITORING_PORT: undefined,
  REPORTS_PORT: undefined,
  HEARTBEAT_PORT: undefined,
};
const url = 'http://10.0.0.1:4002/graphql';

test('the URL of a subgraph is its routing URL', () => {
  expect(getSubgraphUrl({ name: 'reports', url }, NO_PORTS)).toBe(url);
  expect(getSubgraphUrl({ name: 'toString', url }, NO_PORTS)).toBe(url);
});

test('a configured port overrides the routing URL', () => {
  const config = { ...NO_PORTS, REPORTS_PORT: 14_002 };
  expect(getSubgraphUrl({ name: 'reports', url }, config)).toBe('http://127.0.0.1:14002/graphql');
  expect(getSubgraphUrl({ name: 'monitoring', url }, config)).toBe(url);
  const otherHost = { ...config, HOST: '192.0.2.7' };
  expect(getSubgraphUrl({ name: 'reports', url }, otherHost)).toBe('http://192.0.2.7:14002/graphql');
});
