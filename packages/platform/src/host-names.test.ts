import { describe, expect, it } from 'vitest';
import { isLoopbackHost, isLoopbackHostHeader, normalizeHost } from './host-names.js';

it.each(['localhost', '127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1'])(
  '%s is a loopback host',
  (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  },
);

describe('isLoopbackHostHeader', () => {
  it.each(['localhost', 'LOCALHOST:4000', '127.0.0.1:4000', '[::1]:4000', '[::ffff:127.0.0.1]', '127.9.9.9'])(
    'accepts %s',
    (header) => {
      expect(isLoopbackHostHeader(header)).toBe(true);
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
  ])('rejects %s', (header) => {
    expect(isLoopbackHostHeader(header)).toBe(false);
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
