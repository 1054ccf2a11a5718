import { expect, it } from 'vitest';
import type { Caller } from './caller.js';
import { createVerifiedTokenCache } from './token-verifier.js';

const MINUTE_MS = 60_000;

function setUp(expiresAt = Infinity) {
  let now = 1_000_000;
  let checks = 0;
  let isTrusted = true;
  const verify = createVerifiedTokenCache(
    (token) => {
      checks += 1;
      if (token === 'bad') return Promise.reject(new Error('bad'));
      return Promise.resolve<Caller>({ id: String(token), role: 'customer', expiresAt });
    },
    () => Promise.resolve(isTrusted),
    () => now,
  );
  return {
    verify,
    checks: () => checks,
    advance: (ms: number) => void (now += ms),
    distrust: () => void (isTrusted = false),
  };
}

it('verifies a token once, and again after a minute if its key is no longer trusted', async () => {
  const { verify, checks, advance, distrust } = setUp();
  expect(await verify('ana')).toBe(await verify('ana'));
  expect((await verify('ben')).id).toBe('ben');
  expect(checks()).toBe(2);
  advance(MINUTE_MS);
  await verify('ana');
  expect(checks()).toBe(2);
  distrust();
  advance(MINUTE_MS - 1);
  await verify('ana');
  expect(checks()).toBe(2);
  advance(1);
  await verify('ana');
  expect(checks()).toBe(3);
});

it('verifies a token again after it expired, and after the clock was set back', async () => {
  const { verify, checks, advance } = setUp(1_010_000);
  await verify('ana');
  advance(10_000 + 5_000);
  await verify('ana');
  expect(checks()).toBe(2);
  advance(-40_000);
  await verify('ana');
  expect(checks()).toBe(3);
});

it('does not cache failures, and evicts the oldest of more than 10,000 tokens', async () => {
  const { verify, checks } = setUp();
  for (let times = 0; times < 2; times++) await expect(verify('bad')).rejects.toThrow('bad');
  expect(checks()).toBe(2);
  for (let index = 0; index <= 10_000; index++) await verify(`user ${index}`);
  await verify('user 10000');
  expect(checks()).toBe(10_003);
  await verify('user 0');
  expect(checks()).toBe(10_004);
});
