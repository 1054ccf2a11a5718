import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { expect, test } from 'vitest';
import { readGatewayConfig } from './config.js';

test("the defaults serve the working directory's supergraph to this machine", () => {
  const config = readGatewayConfig({});
  expect(config.MONITORING_PORT).toBeUndefined();
  expect(config).toMatchObject({
    HOST: '127.0.0.1',
    GATEWAY_PORT: 4000,
    SUPERGRAPH: './supergraph.graphql',
    CORS_ORIGINS: [],
    NODE_ENV: 'development',
  });
});

test('reads ports of subgraphs and lists of origins', () => {
  const config = readGatewayConfig({
    REPORTS_PORT: '14002',
    CORS_ORIGINS: ' https://a.example , http://b.example:81',
  });
  expect(config).toMatchObject({
    REPORTS_PORT: 14002,
    CORS_ORIGINS: ['https://a.example', 'http://b.example:81'],
  });
});

test('reads hosts in any spelling', () => {
  const INTERNAL_HOSTS = ' Monitoring.Internal ,10.0.0.5,2001:DB8::0:1,[::2]';
  expect(readGatewayConfig({ INTERNAL_HOSTS }).INTERNAL_HOSTS).toEqual([
    'monitoring.internal',
    '10.0.0.5',
    '2001:db8::1',
    '::2',
  ]);
});

test.each([
  ['reports,monitoring:4001', 'must have no ports: write "monitoring" instead of "monitoring:4001"'],
  ['[2001:db8::1]:4001', 'must have no ports: write "[2001:db8::1]" instead of "[2001:db8::1]:4001"'],
  [
    'http://monitoring',
    'must be host names or addresses with commas between: "http://monitoring" is neither',
  ],
  ['monitoring,', 'must be host names or addresses with commas between: "" is neither'],
])('rejects the internal hosts %s', (INTERNAL_HOSTS, message) => {
  expect(() => readGatewayConfig({ INTERNAL_HOSTS })).toThrow(`INTERNAL_HOSTS ${message} (it is`);
});

test('reads the names of extensions, and a file of certificates', () => {
  const folder = temporaryFolder();
  const [certificate = ''] = rootCertificates;
  try {
    const path = join(folder.path, 'ca.pem');
    writeFileSync(path, certificate);
    const config = readGatewayConfig({ SUBGRAPH_EXTENSIONS: ' took , trace,', SUBGRAPH_CA_FILE: path });
    expect(config.SUBGRAPH_EXTENSIONS).toStrictEqual(['took', 'trace']);
    expect(config.SUBGRAPH_ERROR_EXTENSIONS).toStrictEqual(['*']);
    expect(config.SUBGRAPH_CA_FILE).toStrictEqual([certificate]);
    writeFileSync(path, 'no certificate');
    for (const invalid of [path, join(folder.path, 'absent.pem')])
      expect(() => readGatewayConfig({ SUBGRAPH_CA_FILE: invalid })).toThrow(
        'must be a file of certificates in PEM format',
      );
  } finally {
    folder.remove();
  }
});

test('reads trusted proxies', () => {
  const TRUSTED_PROXIES = 'loopback, 10.0.0.0/8,2001:db8::1';
  expect(readGatewayConfig({ TRUSTED_PROXIES }).TRUSTED_PROXIES).toEqual([
    'loopback',
    '10.0.0.0/8',
    '2001:db8::1',
  ]);
});

test.each(['true', '10.0.0.0/33', 'loopback,'])('rejects the trusted proxies %s', (TRUSTED_PROXIES) => {
  expect(() => readGatewayConfig({ TRUSTED_PROXIES })).toThrow('TRUSTED_PROXIES must be addresses');
});

test('reports every invalid setting at once', () => {
  const env = { GATEWAY_PORT: '0', REPORTS_PORT: 'x', CORS_ORIGINS: 'a.example', HEARTBEAT_INTERVAL_MS: '1' };
  expect(() => readGatewayConfig(env)).toThrow(
    /GATEWAY_PORT must.*REPORTS_PORT must.*CORS_ORIGINS must be origins|CORS_ORIGINS must be origins.*GATEWAY_PORT must/,
  );
});

test('reads how subscriptions are started at subgraphs', () => {
  const read = (SUBGRAPH_SUBSCRIPTIONS: string) =>
    readGatewayConfig({ SUBGRAPH_SUBSCRIPTIONS }).SUBGRAPH_SUBSCRIPTIONS;
  expect([
    ...read('reviews=ws, news=sse,alerts=wss://alerts.test/a?b=1,http=https://events.test,*=ws'),
  ]).toEqual([
    ['reviews', { protocol: 'graphql-ws' }],
    ['news', { protocol: 'sse' }],
    ['alerts', { protocol: 'graphql-ws', url: 'wss://alerts.test/a?b=1' }],
    ['http', { protocol: 'sse', url: 'https://events.test' }],
    ['*', { protocol: 'graphql-ws' }],
  ]);
  expect([...readGatewayConfig({}).SUBGRAPH_SUBSCRIPTIONS]).toEqual([]);
  for (const invalid of ['reviews', 'reviews=', '=ws', 'a=ws,a=sse', 'a=ftp://x', '*=ws://x', 'a=callback'])
    expect(() => read(invalid)).toThrow('SUBGRAPH_SUBSCRIPTIONS must be like reviews=ws');
});
