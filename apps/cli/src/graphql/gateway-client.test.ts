import { expect, test } from 'vitest';
import { UsageError } from '../shared/errors.js';
import { createOperatorClient, type GatewayClientContext } from './gateway-client.js';

/** @param identity settings that differ from the default: tokens are required, AUTH_TOKEN is not set */
const createContext = (identity: { token?: string; required?: boolean } = {}): GatewayClientContext => ({
  settings: {
    host: 'Gateway.internal',
    dataDir: '',
    databaseUrl: undefined,
    redisUrl: undefined,
    redisVariables: {},
    isProduction: false,
    hasConsole: true,
    identity: { required: true, issuer: undefined, secret: undefined, token: undefined, ...identity },
    ports: { MONITORING_PORT: '1', REPORTS_PORT: '2', HEARTBEAT_PORT: '3', GATEWAY_PORT: '4000' },
    unsupervisedLifetimeMs: '0',
    watchdogTimeoutMs: '0',
  },
});

test.each([
  undefined,
  'http://127.0.0.1:9/graphql',
  'http://localhost:4000/graphql',
  'http://[::1]:4000/graphql',
  'https://gateway.internal/graphql',
])('issues a token for %s', (url) => {
  const { url: used } = createOperatorClient(url, createContext());
  expect(used.href).toBe(url ?? 'http://gateway.internal:4000/graphql');
});

test.each([
  'https://example.com/graphql',
  'http://10.0.0.5:4000/graphql',
  'http://127.0.0.1.example.com/graphql',
  'http://127.0.0.1@example.com/graphql',
  'https://gateway.internal.example.com/graphql',
])('%s is wrong usage without AUTH_TOKEN', (url) => {
  const create = () => createOperatorClient(url, createContext());
  expect(create).toThrow(UsageError);
  expect(create).toThrow(
    /^[^ ]+ is not a host of this installation.*: set AUTH_TOKEN to a token that it accepts\.$/,
  );
});

test.each([
  ['with AUTH_TOKEN', { token: 'theirs' }],
  ['with AUTH=off, which sends no token', { required: false }],
])('any host is allowed %s', (_, identity) => {
  const url = 'https://example.com/graphql';
  expect(createOperatorClient(url, createContext(identity)).url.href).toBe(url);
});
