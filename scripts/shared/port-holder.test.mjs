import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { findPortHolder, parseListeningSockets, parseLsofOutput } from './port-holder.mjs';

test('names the program and pid that listen on a port', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  // A worker thread of Vitest has the pid of its process.
  expect(await findPortHolder(port)).toMatch(new RegExp(String.raw`^\S.* \(pid ${process.pid}\)$`));
  server.close();
  await once(server, 'close');
  expect(await findPortHolder(port)).toBe('another program, which this user cannot see');
});

test('selects listening sockets of one port from /proc/net/tcp', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0FA0 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0 100 0 0 10 0
   1: 0100007F:0FA1 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1 0 100 0 0 10 0
   2: 0100007F:0FA0 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 333 1 0 100 0 0 10 0
`;
  expect(parseListeningSockets(table, 4000)).toEqual(['socket:[111]']);
});

test('reads the output of lsof', () => {
  expect(parseLsofOutput('p4711\ncnode\nf20\n')).toEqual({ pid: 4711, program: 'node' });
  expect(parseLsofOutput('')).toBeUndefined();
});
