import { expect, test } from 'vitest';
import { createBadTokenThrottle } from './bad-token-throttle.js';

test('an address that sends too many bad tokens must wait; others need not', () => {
  let nowMs = 0;
  const throttle = createBadTokenThrottle(3, () => nowMs);
  for (let n = 0; n < 3; n++) {
    throttle.assertMayVerify('192.0.2.1');
    throttle.recordBadToken('192.0.2.1');
  }
  expect(() => throttle.assertMayVerify('192.0.2.1')).toThrow(
    expect.objectContaining({
      message: 'Your address has sent too many invalid tokens. Try again in 20 seconds.',
      extensions: {
        code: 'RATE_LIMITED',
        retryAfter: 20,
        http: { status: 429, headers: { 'retry-after': '20' } },
      },
    }),
  );
  expect(() => throttle.assertMayVerify('192.0.2.2')).not.toThrow();
  nowMs = 20_001;
  expect(() => throttle.assertMayVerify('192.0.2.1')).not.toThrow();
});

test('many addresses do not take more memory', () => {
  const throttle = createBadTokenThrottle(1, () => 0, 2);
  for (const address of ['a', 'b', 'c']) throttle.recordBadToken(address);
  expect(() => throttle.assertMayVerify('a')).not.toThrow();
  expect(() => throttle.assertMayVerify('c')).toThrow('invalid tokens');
});
