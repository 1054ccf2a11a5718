import { describe, expect, test } from 'vitest';
import { createClientAddressResolver, getAddressGroup } from './client-address.js';

const resolve = (trustedProxies: string[], remoteAddress: string | undefined, forwardedFor?: string) =>
  createClientAddressResolver(trustedProxies)({
    remoteAddress,
    headers: forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor },
  });

describe('the address of a client', () => {
  test.each([
    ['is that of the connection', [], '192.0.2.1', undefined, '192.0.2.1'],
    ['is the IPv4 address in an IPv6 address', [], '::ffff:192.0.2.1', undefined, '192.0.2.1'],
    ['is the short form of an IPv6 address', [], '2001:db8:0:0:0:0:0:1', undefined, '2001:db8::1'],
    ['is unknown on a Unix socket', [], undefined, undefined, 'unknown'],
    ['cannot be forged without trusted proxies', [], '192.0.2.1', '203.0.113.9', '192.0.2.1'],
    ['cannot be forged by a client that is no proxy', ['10.0.0.0/8'], '192.0.2.1', '10.0.0.1', '192.0.2.1'],
    ['is what a trusted proxy says', ['10.0.0.0/8'], '10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['is what a proxy of this machine says', ['loopback'], '::ffff:127.0.0.1', '203.0.113.9', '203.0.113.9'],
    [
      'is the last one that is no proxy',
      ['loopback', '10.1.2.3'],
      '::1',
      '1.1.1.1, 8.8.8.8, 10.1.2.3',
      '8.8.8.8',
    ],
    ['has no port', ['loopback'], '127.0.0.1', '203.0.113.9:5678', '203.0.113.9'],
    ['has no port after an IPv6 address', ['loopback'], '127.0.0.1', '[2001:db8::9]:5678', '2001:db8::9'],
    ['is that of the proxy if it says no address', ['loopback'], '127.0.0.1', 'ana', '127.0.0.1'],
    ['is that of a proxy without the header', ['loopback'], '127.0.0.1', undefined, '127.0.0.1'],
  ])('%s', (_, trustedProxies, remoteAddress, forwardedFor, expected) => {
    expect(resolve(trustedProxies, remoteAddress, forwardedFor)).toBe(expected);
  });

  test('is the same for a request that was seen before', () => {
    const resolveAddress = createClientAddressResolver(['loopback']);
    const request = { remoteAddress: '127.0.0.1', headers: { 'x-forwarded-for': '203.0.113.9' } };
    expect([resolveAddress(request), resolveAddress(request)]).toStrictEqual(['203.0.113.9', '203.0.113.9']);
  });
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['unknown', 'unknown'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('limits count %s as %s', (address, group) => {
  expect(getAddressGroup(address)).toBe(group);
});
