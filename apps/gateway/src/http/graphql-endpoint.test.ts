import { describe, expect, test } from 'vitest';
import { isCallerOriginAllowed, listAllowedOrigins } from './graphql-endpoint.js';

const CORS_ORIGINS = ['https://app.example.com'];

const APOLLO_SANDBOX = 'https://studio.apollographql.com';
const LOOPBACK_ORIGINS = [
  'http://localhost:5173',
  'http://localhost',
  'https://localhost:5173',
  'http://127.0.0.1:5173',
  'http://[::1]:5173',
];
const FOREIGN_ORIGINS = [
  'https://evil.example',
  'http://localhost.evil.example',
  'http://localhost:5173.evil.example',
  'http://evil.localhost:5173',
  'http://127.0.0.1.evil.example',
  'http://127.0.0.2:5173',
  'http://user@localhost:5173',
  'https://app.example.com.evil',
  'file://localhost',
  'null',
  '',
];

/** Whether a page of this origin may open a WebSocket to `gateway.example.com`. */
const isAllowed = (NODE_ENV: string, origin: string | undefined, host = 'gateway.example.com') =>
  isCallerOriginAllowed(origin, host, listAllowedOrigins({ CORS_ORIGINS, NODE_ENV }));

test('the origins of Apollo Sandbox are allowed in development only', () => {
  const environments = ['development', 'test', 'production'];
  expect(environments.map((name) => isAllowed(name, APOLLO_SANDBOX))).toStrictEqual([true, false, false]);
});

test('pages of this machine are allowed outside production only', () => {
  for (const origin of LOOPBACK_ORIGINS) {
    expect([origin, isAllowed('development', origin)]).toStrictEqual([origin, true]);
    expect([origin, isAllowed('production', origin)]).toStrictEqual([origin, false]);
  }
  expect(listAllowedOrigins({ CORS_ORIGINS, NODE_ENV: 'production' })).toStrictEqual(CORS_ORIGINS);
});

describe('a WebSocket', () => {
  test("may be opened by programs, by allowed origins and by the gateway's own pages", () => {
    expect([
      isAllowed('production', undefined),
      isAllowed('production', 'https://app.example.com'),
      isAllowed('production', 'http://localhost:4000', 'localhost:4000'),
    ]).toStrictEqual([true, true, true]);
  });

  test('may not be opened by any other page', () => {
    for (const origin of FOREIGN_ORIGINS) {
      expect([origin, isAllowed('development', origin)]).toStrictEqual([origin, false]);
    }
    expect(isAllowed('production', 'http://localhost:4001', 'localhost:4000')).toBe(false);
    expect(isCallerOriginAllowed('http://localhost:4000', undefined, [])).toBe(false);
  });
});
