import { expect, test } from 'vitest';
import { createSignInCodes, SIGN_IN_LINK_LIFETIME_MS } from './sign-in-codes.js';

const ORIGIN = 'http://127.0.0.1:4000';
const ANA = { id: 'ana', role: 'customer' } as const;

test('a code has 256 random bits and works once', () => {
  const codes = createSignInCodes();
  const code = codes.create(ORIGIN, ANA);
  expect(Buffer.from(code, 'base64url')).toHaveLength(32);
  expect(codes.create(ORIGIN, ANA)).not.toBe(code);
  expect([codes.redeem(code, ORIGIN), codes.redeem(code, ORIGIN)]).toStrictEqual([ANA, undefined]);
});

test('a code works for the origin of its link only, and another origin does not use it up', () => {
  const codes = createSignInCodes();
  const code = codes.create(ORIGIN, ANA);
  for (const origin of ['http://localhost:4000', 'https://127.0.0.1:4000', 'http://127.0.0.1:4001', 'null']) {
    expect([origin, codes.redeem(code, origin)]).toStrictEqual([origin, undefined]);
  }
  expect(codes.redeem(code, ORIGIN)).toBe(ANA);
});

test('a code expires', () => {
  let now = 0;
  const codes = createSignInCodes(() => now);
  const [first, second] = [codes.create(ORIGIN, ANA), codes.create(ORIGIN, ANA)];
  now = SIGN_IN_LINK_LIFETIME_MS - 1;
  expect(codes.redeem(first, ORIGIN)).toBe(ANA);
  now = SIGN_IN_LINK_LIFETIME_MS;
  expect(codes.redeem(second, ORIGIN)).toBeUndefined();
});

test('of more than 20 unused codes, the oldest no longer work', () => {
  const codes = createSignInCodes();
  const created = Array.from({ length: 22 }, () => codes.create(ORIGIN, ANA));
  expect(created.map((code) => codes.redeem(code, ORIGIN))).toStrictEqual([
    ...[undefined, undefined],
    ...Array.from({ length: 20 }, () => ANA),
  ]);
});

test('other texts are no codes', () => {
  const codes = createSignInCodes();
  codes.create(ORIGIN, ANA);
  expect(['', 'a', 'a'.repeat(43)].map((text) => codes.redeem(text, ORIGIN))).toStrictEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
