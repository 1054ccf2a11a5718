import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createDeviceIdentity, isDeviceAssertion } from './device-identity.js';

const SECRET = 'a secret of one installation, long enough';
const identity = createDeviceIdentity(() => SECRET);
const other = createDeviceIdentity(() => 'the secret of another installation');
const body = Buffer.from('{"query":"mutation { x }"}');

/** Signs as docs/devices.md says, without the code under test. */
const sign = (key: string, signedAt: number, signed: Uint8Array) =>
  createHmac('sha256', key).update(`${signedAt}.`).update(signed).digest();

afterEach(() => vi.useRealTimers());

describe('device keys', () => {
  it('depend on the device and on the installation secret, and nothing else', () => {
    const key = identity.deriveKey('device-1');
    expect(key).toMatch(/^abcdk1_[\w-]{43}$/);
    // A change of the derivation would make the keys of all devices invalid.
    expect(key).toBe('abcdk1_A67x42PN6YMxS9XScgkDvdDLPxMjQ6Gcs5SfalmcEt0');
    expect(createDeviceIdentity(() => SECRET).deriveKey('device-1')).toBe(key);
    expect(identity.deriveKey('device-2')).not.toBe(key);
    expect(other.deriveKey('device-1')).not.toBe(key);
  });

  it('read the secret when they are needed first', () => {
    const readSecret = vi.fn(() => SECRET);
    const lazy = createDeviceIdentity(readSecret);
    expect(readSecret).not.toHaveBeenCalled();
    lazy.deriveKey('a');
    lazy.deriveKey('b');
    expect(readSecret).toHaveBeenCalledOnce();
  });
});

describe('a signature', () => {
  it('is accepted for its own device, time and body', () => {
    const signature = sign(identity.deriveKey('device-1'), 1_800_000_000, body);
    expect(identity.isSignedBy('device-1', 1_800_000_000, body, signature)).toBe(true);
    expect(identity.isSignedBy('device-2', 1_800_000_000, body, signature)).toBe(false);
    expect(identity.isSignedBy('device-1', 1_800_000_001, body, signature)).toBe(false);
    expect(identity.isSignedBy('device-1', 1_800_000_000, body, signature.subarray(1))).toBe(false);
    expect(other.isSignedBy('device-1', 1_800_000_000, body, signature)).toBe(false);
  });

  it('is rejected after any bit of the body or of the signature has changed', () => {
    const signature = sign(identity.deriveKey('device-1'), 5, body);
    const flip = (bytes: Buffer, bit: number) => {
      const changed = Buffer.from(bytes);
      const index = Math.floor(bit / 8) % bytes.length;
      changed[index] = changed[index]! ^ (1 << (bit % 8));
      return changed;
    };
    fc.assert(
      fc.property(fc.nat(), (bit) => {
        expect(identity.isSignedBy('device-1', 5, flip(body, bit), signature)).toBe(false);
        expect(identity.isSignedBy('device-1', 5, body, flip(signature, bit))).toBe(false);
      }),
    );
  });
});

describe('an assertion', () => {
  const request = { deviceId: 'device-1', signedAt: 1_800_000_000, bodyHash: 'hash' };
  const UNAUTHENTICATED = { extensions: { code: 'UNAUTHENTICATED' } };

  it('gives monitoring the verified request', async () => {
    const assertion = await identity.issueAssertion(request);
    expect(isDeviceAssertion(assertion)).toBe(true);
    expect(isDeviceAssertion('Bearer x')).toBe(false);
    expect(await identity.verifyAssertion(assertion)).toStrictEqual(request);
  });

  it('is rejected if another installation issued it, or if it was changed', async () => {
    const assertion = await identity.issueAssertion(request);
    await expect(other.verifyAssertion(assertion)).rejects.toMatchObject(UNAUTHENTICATED);
    const [header = '', , signature = ''] = assertion.slice('Device '.length).split('.');
    const claims = Buffer.from(JSON.stringify({ sub: 'device-2' })).toString('base64url');
    for (const forged of [`Device ${header}.${claims}.${signature}`, 'Device x', 'Device ', 'Device a.b.c']) {
      await expect(identity.verifyAssertion(forged)).rejects.toMatchObject(UNAUTHENTICATED);
    }
  });

  it('cannot be made with the key of a device', async () => {
    const header = Buffer.from('{"alg":"HS256"}').toString('base64url');
    const nowSeconds = Math.floor(Date.now() / 1_000);
    const claims = {
      ...request,
      sub: 'device-1',
      iss: 'gateway',
      aud: 'monitoring',
      iat: nowSeconds,
      exp: nowSeconds + 9,
    };
    const signed = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
    const signature = createHmac('sha256', identity.deriveKey('device-1')).update(signed).digest('base64url');
    await expect(identity.verifyAssertion(`Device ${signed}.${signature}`)).rejects.toMatchObject(
      UNAUTHENTICATED,
    );
  });

  it('is valid for ten seconds, and five more for clocks that differ', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 });
    const assertion = await identity.issueAssertion(request);
    vi.setSystemTime(1_800_000_014_000);
    expect(await identity.verifyAssertion(assertion)).toStrictEqual(request);
    vi.setSystemTime(1_800_000_016_000);
    await expect(identity.verifyAssertion(assertion)).rejects.toMatchObject(UNAUTHENTICATED);
  });
});
