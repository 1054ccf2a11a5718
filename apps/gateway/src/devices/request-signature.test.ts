import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRequestSignature } from './request-signature.js';

const HEX = 'ab'.repeat(32);
const parse = (signature: string | undefined, device: string | undefined = 'device-1') =>
  parseRequestSignature({ 'x-abc-signature': signature, 'x-abc-device': device });

test('reads every signature of the documented form', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 999_999_999_999 }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uuid(),
      (signedAt, digest, deviceId) => {
        const hex = Buffer.from(digest).toString('hex');
        expect(parse(`t=${signedAt},v1=${hex}`, deviceId)).toStrictEqual({
          deviceId,
          signedAt,
          digest: Buffer.from(digest),
        });
      },
    ),
  );
});

test('accepts a space after the comma, and capital digits', () => {
  expect(parse(`t=5, v1=${HEX.toUpperCase()}`)).toStrictEqual(parse(`t=5,v1=${HEX}`));
});

test.each([
  undefined,
  '',
  HEX,
  `v1=${HEX}`,
  `v1=${HEX},t=5`,
  `t=5,v1=${HEX.slice(2)}`,
  `t=5,v1=${HEX}00`,
  `t=5,v2=${HEX}`,
  `t=05,v1=${HEX}`,
  `t=-5,v1=${HEX}`,
  `t=5.0,v1=${HEX}`,
  `t=1e3,v1=${HEX}`,
  `t=1234567890123,v1=${HEX}`,
  `t=5,v1=${HEX}\n`,
  `t=5,v1=${HEX}, t=6,v1=${HEX}`,
])('the signature %j is malformed', (signature) => {
  expect(parse(signature)).toBeUndefined();
});

test.each(['', 'a b', '../x', 'ñ', 'x'.repeat(65), 'a\n'])('the device id %j is malformed', (device) => {
  expect(parse(`t=5,v1=${HEX}`, device)).toBeUndefined();
});

test('without a device the signature cannot be verified', () => {
  expect(parseRequestSignature({ 'x-abc-signature': `t=5,v1=${HEX}` })).toBeUndefined();
});

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (signature, device) => {
      expect(() => parse(signature, device)).not.toThrow();
    }),
  );
});
