import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runWithTimeout } from './run-with-timeout.js';

/** Accepts connections and never answers. */
const server = createServer((socket) => socket.on('error', () => undefined));
let url = '';
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

test('a request to a server that hangs ends after the timeout, also if garbage is collected', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const timer = setInterval(collectGarbage, 10);
  const { signal } = new AbortController();
  const request = runWithTimeout(200, signal, (limited) => fetch(url, { signal: limited }));
  await expect(request).rejects.toMatchObject({ name: 'TimeoutError' });
  clearInterval(timer);
});

test('a request ends when its parent is aborted', async () => {
  const parent = new AbortController();
  const request = runWithTimeout(60_000, parent.signal, (limited) => fetch(url, { signal: limited }));
  parent.abort(new Error('stopped'));
  await expect(request).rejects.toThrow('stopped');
  await expect(
    runWithTimeout(60_000, parent.signal, (limited) => fetch(url, { signal: limited })),
  ).rejects.toThrow('stopped');
});
