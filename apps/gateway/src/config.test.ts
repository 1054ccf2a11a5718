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

test('reports every invalid setting at once', () => {
  const env = { GATEWAY_PORT: '0', REPORTS_PORT: 'x', CORS_ORIGINS: 'a.example', HEARTBEAT_INTERVAL_MS: '1' };
  expect(() => readGatewayConfig(env)).toThrow(
    /GATEWAY_PORT must.*REPORTS_PORT must.*CORS_ORIGINS must be origins|CORS_ORIGINS must be origins.*GATEWAY_PORT must/,
  );
});
