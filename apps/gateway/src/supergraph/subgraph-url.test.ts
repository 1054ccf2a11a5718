import { describe, expect, test } from 'vitest';
import { getSubgraphUrls, subgraphUrlsSetting } from './subgraph-url.js';

const NO_PORTS = {
  HOST: '127.0.0.1',
  MONITORING_PORT: undefined,
  REPORTS_PORT: undefined,
  HEARTBEAT_PORT: undefined,
};
const url = 'http://10.0.0.1:4002/graphql';

test('the URL of a subgraph is its routing URL', () => {
  expect(getSubgraphUrls({ name: 'reports', url }, NO_PORTS)).toEqual([url]);
  expect(getSubgraphUrls({ name: 'toString', url }, NO_PORTS)).toEqual([url]);
});

test('a configured port overrides the routing URL', () => {
  const config = { ...NO_PORTS, REPORTS_PORT: 14_002 };
  expect(getSubgraphUrls({ name: 'reports', url }, config)).toEqual(['http://127.0.0.1:14002/graphql']);
  expect(getSubgraphUrls({ name: 'monitoring', url }, config)).toEqual([url]);
  const otherHost = { ...config, HOST: '192.0.2.7' };
  expect(getSubgraphUrls({ name: 'reports', url }, otherHost)).toEqual(['http://192.0.2.7:14002/graphql']);
});

describe('SUBGRAPH_URLS', () => {
  test('overrides the port and the routing URL', () => {
    const text = ' reports = http://a:4002/graphql , https://b/graphql; heartbeat=http://[::1]:4003/graphql';
    const SUBGRAPH_URLS = subgraphUrlsSetting.parse(text);
    const config = { ...NO_PORTS, REPORTS_PORT: 14_002, SUBGRAPH_URLS };
    expect(getSubgraphUrls({ name: 'reports', url }, config)).toEqual([
      'http://a:4002/graphql',
      'https://b/graphql',
    ]);
    expect(getSubgraphUrls({ name: 'heartbeat', url }, config)).toEqual(['http://[::1]:4003/graphql']);
    expect(getSubgraphUrls({ name: 'monitoring', url }, config)).toEqual([url]);
  });

  test.each([
    'reports',
    'reports=',
    '=http://a/graphql',
    'reports=http://a/graphql,',
    'reports=http://a/graphql;',
    'reports=a:4002',
    'reports=ftp://a/graphql',
    'reports=http://a/graphql,heartbeat=http://b/graphql',
    'reports=http://a/graphql;reports=http://b/graphql',
  ])('"%s" is rejected', (text) =>
    expect(subgraphUrlsSetting.safeParse(text).error?.issues[0]?.message).toContain(
      'must be like reports=http://a:4002/graphql,http://b:4002/graphql',
    ),
  );
});
