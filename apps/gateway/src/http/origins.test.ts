import { describe, expect, test } from 'vitest';
import { allowedOrigins, mayOpenSocket } from './origins.js';

const CORS_ORIGINS = ['https://app.example.com'];

test('Sandbox is allowed in development only', () => {
  expect(allowedOrigins({ CORS_ORIGINS, NODE_ENV: 'development' })).toContain(
    'https://studio.apollographql.com',
  );
  expect(allowedOrigins({ CORS_ORIGINS, NODE_ENV: 'production' })).toStrictEqual(CORS_ORIGINS);
  expect(allowedOrigins({ CORS_ORIGINS, NODE_ENV: 'test' })).toStrictEqual(CORS_ORIGINS);
});

describe('a socket', () => {
  const may = (origin: string | undefined, host: string | undefined = 'localhost:4000') =>
    mayOpenSocket(origin, host, CORS_ORIGINS);

  test("may be opened by programs, by allowed pages and by this server's own", () => {
    expect([may(undefined), may('https://app.example.com'), may('http://localhost:4000')]).toStrictEqual([
      true,
      true,
      true,
    ]);
  });

  test('may be opened by no other page', () => {
    for (const origin of [
      'https://evil.example',
      'http://localhost:4001',
      'https://app.example.com.evil',
      'null',
      '',
    ]) {
      expect(may(origin)).toBe(false);
    }
    expect(mayOpenSocket('http://localhost:4000', undefined, [])).toBe(false);
  });
});
