import { expect, test } from 'vitest';
import { getCallerUserId } from './identity.js';

const SETTINGS = { required: true, issuer: undefined, secret: undefined, token: undefined };
const createUnsignedToken = (payload: object) =>
  `e30.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.signature`;

test.each([
  ['the user of AUTH_TOKEN', { token: createUnsignedToken({ sub: 'ana-ñ', role: 'customer' }) }, 'ana-ñ'],
  ['the operator without AUTH_TOKEN', {}, 'operator'],
  [
    'the operator if tokens are off',
    { required: false, token: createUnsignedToken({ sub: 'ana' }) },
    'operator',
  ],
  ['the operator if the token has no user', { token: createUnsignedToken({}) }, 'operator'],
  ['the operator if the token is no JWT', { token: 'abc' }, 'operator'],
])('the caller is %s', (_, settings, user) => {
  expect(getCallerUserId({ ...SETTINGS, ...settings })).toBe(user);
});
