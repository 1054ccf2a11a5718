import { expect, test } from 'vitest';
import { createAllowanceRate } from '@seguridad-abc/platform';
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

test('a signed request uses the allowance of its address until its body is verified, then that of its device', async () => {
  const registry = createCallerShareRegistry(() => createAllowanceRate(60, 1_000));
  const now = () => 0;
  const rateLimiter = createRateLimiter({ onUse: () => undefined }, now);
  const openSession = createSessionOpener(createAuthenticator(identity), {
    resolveClientAddress: () => ADDRESS,
    limits: { registry, rateLimiter },
    publicAccess: { status: false, schema: false },
    signedRequests: {
      open: () => (body) => {
        if (body.length === 0) throw new Error('TAMPERED');
        const caller = { id: 'sensor', role: 'device', device: 'sensor', expiresAt: Infinity } as const;
        return Promise.resolve({ caller, headers: {}, identityKey: 'signed device:sensor' });
      },
    },
    maxAnonymousBodyBytes: 1_000,
  });
  const address = registry.find(`anonymous:${ADDRESS}`, 'anonymous', undefined);
  const device = registry.find('signed device:sensor', 'device', undefined);
  const remaining = () => [rateLimiter.getRemaining(address), rateLimiter.getRemaining(device)];

  const tampered = await openSession({ headers: {}, remoteAddress: ADDRESS });
  rateLimiter.reserve(address);
  await expect(tampered.verifyBody?.(Buffer.from(''))).rejects.toThrow('TAMPERED');
  expect(tampered.payer).toBe(address);
  expect(remaining()).toStrictEqual([900, 1_000]);

  const session = await openSession({ headers: {}, remoteAddress: ADDRESS });
  rateLimiter.reserve(address);
  await session.verifyBody?.(Buffer.from('{}'));
  expect(remaining()).toStrictEqual([900, 900]);
  expect([session.share, session.payer]).toStrictEqual([address, device]);
  expect(session.fairnessKey).toBe('signed device:sensor');
});
