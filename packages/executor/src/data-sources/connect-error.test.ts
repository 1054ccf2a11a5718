import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { isConnectError, isUnreachableError } from './connect-error.js';

const failWith = (properties: object) => Object.assign(new Error(), properties);

test('a port that refuses connections', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  const [error] = (await once(connect(port, '127.0.0.1'), 'error').catch((failure: unknown) => [
    failure,
  ])) as [unknown];
  expect(isConnectError(error)).toBe(true);
});

test.each([
  [true, failWith({ code: 'UND_ERR_CONNECT_TIMEOUT' })],
  [true, failWith({ code: 'EHOSTUNREACH', syscall: 'connect' })],
  [true, failWith({ code: 'ENOTFOUND', syscall: 'getaddrinfo' })],
  [true, new AggregateError([failWith({ code: 'ECONNREFUSED' }), failWith({ syscall: 'connect' })])],
  [false, new AggregateError([failWith({ code: 'ECONNREFUSED' }), failWith({ code: 'ECONNRESET' })])],
  [false, new AggregateError([])],
  // The connection may have carried the request.
  [false, failWith({ code: 'EHOSTUNREACH', syscall: 'read' })],
  [false, failWith({ code: 'ETIMEDOUT', syscall: 'read' })],
  [false, failWith({ code: 'ECONNRESET' })],
  [false, failWith({ code: 'UND_ERR_SOCKET' })],
  [false, undefined],
])('%s for %o', (expected, error) => expect(isConnectError(error)).toBe(expected));

test.each([
  [true, failWith({ code: 'EHOSTUNREACH' })],
  [true, failWith({ code: 'UND_ERR_CONNECT_TIMEOUT' })],
  [true, new AggregateError([failWith({ code: 'ENETUNREACH' }), failWith({ code: 'ETIMEDOUT' })])],
  [false, new AggregateError([failWith({ code: 'ENETUNREACH' }), failWith({ code: 'ECONNREFUSED' })])],
  [false, new AggregateError([])],
  [false, failWith({ code: 'ECONNREFUSED' })],
  [false, undefined],
])('%s, unreachable, for %o', (expected, error) => expect(isUnreachableError(error)).toBe(expected));
