import { expect, it } from 'vitest';
import type { Caller } from './caller.js';
import { cacheVerifiedTokens } from './verified-token-cache.js';

const MINUTE = 60_000;

function remembering(expiresAt = Infinity) {
  let now = 1_000_000;
  let checks = 0;
  let isTrusted = true;
  const verify = cacheVerifiedTokens(
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
    pass: (ms: number) => void (now += ms),
    distrust: () => void (isTrusted = false),
  };
}

it('checks a token once, and after a minute again where its key is not trusted any more', async () => {
  const { verify, checks, pass, distrust } = remembering();
  expect(await verify('ana')).toBe(await verify('ana'));
  expect((await verify('ben')).id).toBe('ben');
  expect(checks()).toBe(2);
  pass(MINUTE);
  await verify('ana');
  expect(checks()).toBe(2);
  distrust();
  pass(MINUTE - 1);
  await verify('ana');
  expect(checks()).toBe(2);
  pass(1);
  await verify('ana');
  expect(checks()).toBe(3);
});

it('checks one again that has expired, or that a clock set back would keep', async () => {
  const { verify, checks, pass } = remembering(1_010_000);
  await verify('ana');
  pass(10_000 + 5_000);
  await verify('ana');
  expect(checks()).toBe(2);
  pass(-40_000);
  await verify('ana');
  expect(checks()).toBe(3);
});

it('remembers no refusal, and no more than so many', async () => {
  const { verify, checks } = remembering();
  for (let times = 0; times < 2; times++) await expect(verify('bad')).rejects.toThrow('bad');
  expect(checks()).toBe(2);
  for (let index = 0; index <= 10_000; index++) await verify(`user ${index}`);
  await verify('user 10000');
  expect(checks()).toBe(10_003);
  await verify('user 0');
  expect(checks()).toBe(10_004);
});
