import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort } from '@seguridad-abc/platform/testing';
import { expect, test } from 'vitest';
import { createListeningSocket } from './listening-socket.js';

test('two processes that want the socket while the port is in use get the same one', async () => {
  const port = await freePort();
  const holder = createServer().listen(port, '127.0.0.1');
  await once(holder, 'listening');
  let openings = 0;
  const socket = createListeningSocket('127.0.0.1', port, () => Promise.resolve(void (openings += 1)));
  const handles = Promise.all([socket.open(), socket.open()]);
  holder.close();
  const [first, second] = await handles;
  expect(first).toBeDefined();
  expect(second).toBe(first);
  expect(await socket.open()).toBe(first);
  expect(openings).toBe(1);
  socket.close();
}, 60_000);
