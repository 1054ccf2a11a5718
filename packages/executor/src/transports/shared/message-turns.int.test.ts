import { once } from 'node:events';
import { connect } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { allowAllHooks, startClockServer, type ClockServer } from '../../testing/clock-server.js';
import { openTestSocket, type TestSocket } from '../../testing/test-clients.js';

const MAX_MESSAGES_PER_TURN = 16;
const BURST = 100;

let served: ClockServer;
const sockets: TestSocket[] = [];
afterEach(async () => {
  for (const { socket } of sockets.splice(0)) socket.terminate();
  await served.close();
});

/** Counts the operations that start in each turn of the event loop. */
async function serveAndCount() {
  const counts: number[] = [];
  let count = 0;
  served = await startClockServer({
    hooks: {
      ...allowAllHooks,
      createContext(request) {
        if (count === 0) {
          setImmediate(() => {
            counts.push(count);
            count = 0;
          });
        }
        count += 1;
        return allowAllHooks.createContext(request);
      },
    },
  });
  return counts;
}

test('WebSockets that all send at once leave turns of the event loop to others', async () => {
  const counts = await serveAndCount();
  for (let n = 0; n < BURST; n += 1) {
    const opened = await openTestSocket(served.socketUrl);
    sockets.push(opened);
    opened.send({ type: 'connection_init' });
    await opened.waitForMessage({ type: 'connection_ack' });
  }
  for (const { subscribe } of sockets) subscribe('1', '{ hello }');
  for (const { waitForMessage } of sockets) await waitForMessage({ id: '1', type: 'complete' });
  expect(counts.reduce((sum, each) => sum + each)).toBe(BURST);
  expect(Math.max(...counts)).toBeLessThanOrEqual(MAX_MESSAGES_PER_TURN);
});

test('many messages of one WebSocket in one packet are answered in their order', async () => {
  const counts = await serveAndCount();
  const opened = await openTestSocket(served.socketUrl);
  sockets.push(opened);
  opened.send({ type: 'connection_init' });
  for (let n = 0; n < BURST; n += 1) opened.subscribe(String(n), '{ hello }');
  for (let n = 0; n < BURST; n += 1) await opened.waitForMessage({ id: String(n), type: 'complete' });
  const ids = opened.messages.filter(({ type }) => type === 'complete').map(({ id }) => id);
  expect(ids).toEqual(Array.from({ length: BURST }, (_, n) => String(n)));
  expect(Math.max(...counts)).toBeLessThanOrEqual(MAX_MESSAGES_PER_TURN);
});

test('HTTP requests that all arrive at once leave turns of the event loop to others', async () => {
  const counts = await serveAndCount();
  const { hostname, port, pathname } = new URL(served.url);
  const connections = Array.from({ length: BURST }, () => connect(Number(port), hostname));
  await Promise.all(connections.map((connection) => once(connection, 'connect')));
  const body = '{"query":"{ hello }"}';
  const headers = `host: ${hostname}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
  for (const connection of connections)
    connection.write(`POST ${pathname} HTTP/1.1\r\n${headers}\r\n\r\n${body}`);
  for (const text of await Promise.all(connections.map(readText)))
    expect(text).toContain('{"data":{"hello":"Hello, you"}}');
  expect(counts.reduce((sum, each) => sum + each)).toBe(BURST);
  expect(Math.max(...counts)).toBeLessThanOrEqual(2 * MAX_MESSAGES_PER_TURN);
});
