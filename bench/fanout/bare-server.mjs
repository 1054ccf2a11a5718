// Sends the frames that it is told to every WebSocket, with nothing between: what fan-out costs at least. A child process.
import { setImmediate } from 'node:timers/promises';
import { WebSocketServer } from 'ws';

/** The event loop is never held for longer, as in the gateway. */
const SLICE_MS = 8;

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' }, () => {
  process.send?.({ port: /** @type {import('node:net').AddressInfo} */ (server.address()).port });
});
/** @param {string} frame */
async function sendToAll(frame) {
  let began = performance.now();
  for (const socket of server.clients) {
    socket.send(frame);
    if (performance.now() - began < SLICE_MS) continue;
    await setImmediate();
    began = performance.now();
  }
}
process.on('message', (/** @type {string} */ frame) => void sendToAll(frame));
process.on('disconnect', () => process.exit());
