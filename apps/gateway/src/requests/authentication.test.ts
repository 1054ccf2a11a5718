import { DEVICE_HEADER } from '@seguridad-abc/contracts';
import { createAllowanceRate } from '@seguridad-abc/platform';
import { describe, expect, test } from 'vitest';
import { createCallerShareRegistry } from '../shares/caller-share-registry.js';
import { createRateLimiter } from '../shares/rate-limiter.js';
import { createAuthenticator, createSessionOpener } from './authentication.js';

const ADDRESS = '192.0.2.1';

const identity = {
  required: true,
  installationHeaders: { 'x-installation-secret': 's' },
  authenticate: () => ({ id: 'ana', role: 'customer', expiresAt: Infinity }) as const,
  findVerified: () => undefined,
};

test('subgraphs receive the token in its shortest form, not the text that the client sent', async () => {
  const { headers } = await createAuthenticator(identity)(`bEARER${' '.repeat(1_000)}abc.d-e_f `, ADDRESS);
  expect(headers).toStrictEqual({ 'x-installation-secret': 's', authorization: 'Bearer abc.d-e_f' });
});

test('with AUTH=off, subgraphs receive no token', async () => {
  const { headers } = await createAuthenticator({ ...identity, required: false })('Bearer abc', ADDRESS);
  expect(headers).toStrictEqual({ 'x-installation-secret': 's' });
});

test.each([
  [
    'a WebSocket',
    { connectionParams: {} },
    'No token: send {"authorization": "Bearer <token>"} as the payload of connection_init.',
  ],
  ['HTTP', {}, 'The request has no token. Send the header: Authorization: Bearer <token>.'],
])('without a token, the message says how to send one over %s', async (_, credentials, message) => {
  const openSession = createSessionOpener(createAuthenticator(identity), {
    resolveClientAddress: () => ADDRESS,
    limits: undefined,
    publicAccess: { status: false, schema: false },
    signedRequests: { open: () => undefined },
    maxAnonymousBodyBytes: 1_000,
  });
  await expect(async () =>
    openSession({ headers: {}, remoteAddress: ADDRESS, ...credentials }),
  ).rejects.toMatchObject({
    message,
    extensions: { code: 'UNAUTHENTICATED' },
  });
});

describe('a signed request', () => {
  const registry = createCallerShareRegistry(() => createAllowanceRate(60, 1_000));
  const now = () => 0;
  const rateLimiter = createRateLimiter({ onUse: () => undefined }, now);
  const openSession = createSessionOpener(createAuthenticator(identity), {
    resolveClientAddress: () => ADDRESS,
    limits: { registry, rateLimiter },
    publicAccess: { status: false, schema: false },
    signedRequests: {
      open: ({ [DEVICE_HEADER]: deviceId }) => ({
        deviceId: String(deviceId),
        verifyBody(body) {
          if (Buffer.from(body).toString() === 'forged') return Promise.reject(new Error('TAMPERED'));
          const caller = { id: 'sensor', role: 'device', device: 'sensor', expiresAt: Infinity } as const;
          return Promise.resolve({ caller, headers: {}, identityKey: 'signed device:sensor' });
        },
      }),
    },
    maxAnonymousBodyBytes: 1_000,
  });
  const anonymous = registry.find(`anonymous:${ADDRESS}`, 'anonymous', undefined);
  const checks = registry.find(`unverified:${ADDRESS}`, 'unverified', undefined);
  const device = registry.find('signed device:sensor', 'device', undefined);
  const remaining = () => [anonymous, checks, device].map((share) => rateLimiter.getRemaining(share));

  /** Sends a request as the transports do, and returns its session. */
  async function send(body: string, deviceId = 'sensor') {
    const session = await openSession({ headers: { [DEVICE_HEADER]: deviceId }, remoteAddress: ADDRESS });
    if (session.share) rateLimiter.reserve(session.share);
    await session.verifyBody?.(Buffer.from(body));
    return session;
  }

  test('with a wrong signature uses the allowance for checks, not that of anonymous clients', async () => {
    await expect(send('forged')).rejects.toThrow('TAMPERED');
    expect(remaining()).toStrictEqual([1_000, 990, 1_000]);
  });

  test('is paid by its device once it is verified, also if anonymous clients have used up the allowance of the address', async () => {
    rateLimiter.take(anonymous, 1_000);
    const session = await send('{}');
    expect(remaining()).toStrictEqual([0, 990, 900]);
    expect([session.share, session.payer]).toStrictEqual([checks, device]);
    expect(session.fairnessKey).toBe('signed device:sensor');
  });

  test('of a device that was verified before is served while forged requests of its address are refused', async () => {
    for (let n = 0; n < 99; n++) await expect(send('forged', 'unknown')).rejects.toThrow('TAMPERED');
    await expect(send('{}', 'unknown')).rejects.toThrow('You have used up your allowance');
    const session = await send('{}');
    expect(session.payer).toBe(device);
    expect(session.share).not.toBe(checks);
  });
});
