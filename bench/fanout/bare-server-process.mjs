// A child process that sends each frame from its parent to every WebSocket: the lowest possible cost of fan-out.
import { setImmediate } from 'node:timers/promises';
import { WebSocketServer } from 'ws';

/** Maximum time before the server yields to the event loop, as in the gateway. */
const SLICE_MS = 8;

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' }, () => {
  process.send?.({ port: /** @type {import('node:net').AddressInfo} */ (server.address()).port });
});
/** @param {string} frame */
async function sendToAll(frame) {
  let sliceStart = performance.now();
  for (const socket of server.clients) {
    socket.send(frame);
    if (performance.now() - sliceStart < SLICE_MS) continue;
    await setImmediate();
    sliceStart = performance.now();
  }
}
process.on('message', (/** @type {string} */ frame) => void sendToAll(frame));
process.on('disconnect', () => process.exit());
