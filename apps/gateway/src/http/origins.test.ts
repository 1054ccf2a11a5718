import { describe, expect, test } from 'vitest';
import { isWebSocketOriginAllowed, listAllowedOrigins } from './origins.js';

const CORS_ORIGINS = ['https://app.example.com'];

test('the origins of Apollo Sandbox are allowed in development only', () => {
  expect(listAllowedOrigins({ CORS_ORIGINS, NODE_ENV: 'development' })).toContain(
    'https://studio.apollographql.com',
  );
  expect(listAllowedOrigins({ CORS_ORIGINS, NODE_ENV: 'production' })).toStrictEqual(CORS_ORIGINS);
  expect(listAllowedOrigins({ CORS_ORIGINS, NODE_ENV: 'test' })).toStrictEqual(CORS_ORIGINS);
});

describe('a WebSocket', () => {
  const isAllowed = (origin: string | undefined, host: string | undefined = 'localhost:4000') =>
    isWebSocketOriginAllowed(origin, host, CORS_ORIGINS);

  test("may be opened by programs, by allowed origins and by the gateway's own pages", () => {
    expect([
      isAllowed(undefined),
      isAllowed('https://app.example.com'),
      isAllowed('http://localhost:4000'),
    ]).toStrictEqual([true, true, true]);
  });

  test('may not be opened by any other page', () => {
    for (const origin of [
      'https://evil.example',
      'http://localhost:4001',
      'https://app.example.com.evil',
      'null',
      '',
    ]) {
      expect(isAllowed(origin)).toBe(false);
    }
    expect(isWebSocketOriginAllowed('http://localhost:4000', undefined, [])).toBe(false);
  });
});
