import { describe, expect, it } from 'vitest';
import { createHostCheck, getLocalHostAndPort, isLoopbackHost, normalizeHost } from './host-names.js';

it.each(['localhost', '127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1'])(
  '%s is a loopback host',
  (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  },
);

const LOOPBACK = { HOST: '127.0.0.1', ALLOWED_HOSTS: [] };

describe('a server that listens on loopback', () => {
  it.each(['localhost', 'LOCALHOST:4000', '127.0.0.1:4000', '[::1]:4000', '[::ffff:127.0.0.1]', '127.9.9.9'])(
    'answers for %s',
    (header) => {
      const isAllowed = createHostCheck(LOOPBACK);
      expect([isAllowed(header), isAllowed(header)]).toStrictEqual([true, true]);
    },
  );

  it.each([
    undefined,
    '',
    'rebound.example.com:4000',
    'localhost.example.com',
    '127.0.0.1.example.com',
    '0.0.0.0:4000',
    '[::]',
    '192.0.2.1',
    'localhost@example.com',
    'localhost:x',
  ])('does not answer for %s', (header) => {
    const isAllowed = createHostCheck(LOOPBACK);
    expect([isAllowed(header), isAllowed(header)]).toStrictEqual([false, false]);
  });

  it('answers for the hosts of ALLOWED_HOSTS and PUBLIC_ORIGIN, with any port', () => {
    const isAllowed = createHostCheck({
      ...LOOPBACK,
      ALLOWED_HOSTS: ['doors.internal', '2001:db8::1'],
      PUBLIC_ORIGIN: 'https://doors.example.com',
    });
    const hosts = ['doors.internal:8080', '[2001:db8:0::1]', 'Doors.Example.com', 'example.com'];
    expect(hosts.map(isAllowed)).toStrictEqual([true, true, true, false]);
  });

  it('forgets remembered headers, but answers as before', () => {
    const isAllowed = createHostCheck(LOOPBACK);
    for (let port = 1; port <= 250; port++) expect(isAllowed(`localhost:${port}`)).toBe(true);
    expect(isAllowed('localhost:1')).toBe(true);
    expect(isAllowed('example.com:1')).toBe(false);
  });
});

describe('a server that listens on another address', () => {
  it('answers for all hosts', () => {
    const isAllowed = createHostCheck({ HOST: '0.0.0.0', ALLOWED_HOSTS: [] });
    expect(['monitoring:4001', 'doors.example.com', undefined].map(isAllowed)).toStrictEqual([
      true,
      true,
      true,
    ]);
  });

  it('answers with ALLOWED_HOSTS only for these, its address and loopback', () => {
    const isAllowed = createHostCheck({ HOST: '192.0.2.1', ALLOWED_HOSTS: ['doors.example.com'] });
    const hosts = ['doors.example.com', '192.0.2.1:4000', '127.0.0.1:4000', '192.0.2.2', undefined];
    expect(hosts.map(isAllowed)).toStrictEqual([true, true, true, false, false]);
  });
});

describe('normalizeHost', () => {
  it.each([
    ['Monitoring.Internal', 'monitoring.internal'],
    ['10.0.0.5', '10.0.0.5'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['bücher.example', 'xn--bcher-kva.example'],
  ])('writes %s as %s', (host, expected) => {
    expect(normalizeHost(host)).toBe(expected);
  });

  it.each(['', 'a:80', '[::1]:80', '[a]', 'a/b', 'a?b', 'user@a', 'a b', '*.internal', 'fe80::1%eth0'])(
    'rejects %j',
    (text) => {
      expect(normalizeHost(text)).toBeUndefined();
    },
  );
});

describe('getLocalHostAndPort', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1:4001'],
    ['0.0.0.0', '127.0.0.1:4001'],
    ['::', '[::1]:4001'],
    ['192.0.2.7', '192.0.2.7:4001'],
    ['localhost', 'localhost:4001'],
  ])('of a server on %s is %s', (host, address) => {
    expect(getLocalHostAndPort(host, 4001)).toBe(address);
  });
});
