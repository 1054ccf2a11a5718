import { expect, test } from 'vitest';
import { createSignInCodes, SIGN_IN_LINK_LIFETIME_MS } from './sign-in-codes.js';

const ORIGIN = 'http://127.0.0.1:4000';

test('a code has 256 random bits and works once', () => {
  const codes = createSignInCodes();
  const code = codes.create(ORIGIN);
  expect(Buffer.from(code, 'base64url')).toHaveLength(32);
  expect(codes.create(ORIGIN)).not.toBe(code);
  expect([codes.redeem(code, ORIGIN), codes.redeem(code, ORIGIN)]).toStrictEqual([true, false]);
});

test('a code works for the origin of its link only, and another origin does not use it up', () => {
  const codes = createSignInCodes();
  const code = codes.create(ORIGIN);
  for (const origin of ['http://localhost:4000', 'https://127.0.0.1:4000', 'http://127.0.0.1:4001', 'null']) {
    expect([origin, codes.redeem(code, origin)]).toStrictEqual([origin, false]);
  }
  expect(codes.redeem(code, ORIGIN)).toBe(true);
});

test('a code expires', () => {
  let now = 0;
  const codes = createSignInCodes(() => now);
  const [first, second] = [codes.create(ORIGIN), codes.create(ORIGIN)];
  now = SIGN_IN_LINK_LIFETIME_MS - 1;
  expect(codes.redeem(first, ORIGIN)).toBe(true);
  now = SIGN_IN_LINK_LIFETIME_MS;
  expect(codes.redeem(second, ORIGIN)).toBe(false);
});

test('of more than 20 unused codes, the oldest no longer work', () => {
  const codes = createSignInCodes();
  const created = Array.from({ length: 22 }, () => codes.create(ORIGIN));
  expect(created.map((code) => codes.redeem(code, ORIGIN))).toStrictEqual([
    ...[false, false],
    ...Array.from({ length: 20 }, () => true),
  ]);
});

test('other texts are no codes', () => {
  const codes = createSignInCodes();
  codes.create(ORIGIN);
  expect(['', 'a', 'a'.repeat(43)].map((text) => codes.redeem(text, ORIGIN))).toStrictEqual([
    false,
    false,
    false,
  ]);
});
