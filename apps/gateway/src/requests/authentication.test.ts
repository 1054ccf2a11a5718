import { expect, test } from 'vitest';
import { createAuthenticator } from './authentication.js';

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
