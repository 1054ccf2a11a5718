import { expect, test } from 'vitest';
import { createAuthenticator, createSessionOpener } from './authentication.js';

const identity = {
  required: true,
  installationHeaders: { 'x-installation-secret': 's' },
  authenticate: () => ({ id: 'ana', role: 'customer', expiresAt: Infinity }) as const,
};

test('subgraphs receive the token in its shortest form, not the text that the client sent', async () => {
  const { headers } = await createAuthenticator(identity)(`bEARER${' '.repeat(1_000)}abc.d-e_f `);
  expect(headers).toStrictEqual({ 'x-installation-secret': 's', authorization: 'Bearer abc.d-e_f' });
});

test('with AUTH=off, subgraphs receive no token', async () => {
  const { headers } = await createAuthenticator({ ...identity, required: false })('Bearer abc');
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
    resolveClientAddress: () => '192.0.2.1',
    publicAccess: { status: false, schema: false },
    signedRequests: { open: () => undefined },
    maxAnonymousBodyBytes: 1_000,
  });
  await expect(async () =>
    openSession({ headers: {}, remoteAddress: '192.0.2.1', ...credentials }),
  ).rejects.toMatchObject({
    message,
    extensions: { code: 'UNAUTHENTICATED' },
  });
});
