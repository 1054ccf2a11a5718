// A child process with many WebSocket subscribers. Its parent sends the options, then asks for what has arrived.
import { WebSocket } from 'ws';

/**
 * @typedef {object} SubscriberOptions
 * @property {string} url
 * @property {number} count
 * @property {string} [query] a subscription with the variable `user`; without it the sockets only receive
 * @property {boolean} hasInitialPayload whether the subscription delivers a payload at once
 */

const CONCURRENT_CONNECTS = 50;
/** Every event contains the time at which it was published. */
const PUBLISHED_AT = /t=(\d+)/;

/** @type {number[]} */
let latencies = [];
let lastFrame = '';

/** @param {string} frame */
function recordFrame(frame) {
  lastFrame = frame;
  const [, publishedAt] = PUBLISHED_AT.exec(frame) ?? [];
  if (publishedAt !== undefined) latencies.push(Date.now() - Number(publishedAt));
}

/**
 * Resolves when the subscriber is subscribed, or when its initial payload has arrived.
 * @param {SubscriberOptions} options @param {number} index
 */
const connectSubscriber = ({ url, query, hasInitialPayload }, index) =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, query === undefined ? [] : ['graphql-transport-ws']);
    socket.on('error', reject);
    socket.on('close', (code) => reject(new Error(`The socket was closed with code ${String(code)}.`)));
    socket.on('open', () => {
      if (query === undefined) resolve(undefined);
      else socket.send('{"type":"connection_init"}');
    });
    socket.on('message', (data) => {
      const frame = Buffer.isBuffer(data) ? data.toString() : '';
      if (frame.startsWith('{"type":"connection_ack"')) {
        const payload = { query, variables: { user: `user-${String(index)}` } };
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
        if (!hasInitialPayload) resolve(undefined);
      } else if (frame === '{"type":"ping"}') socket.send('{"type":"pong"}');
      else if (frame.includes('"type":"error"')) reject(new Error(frame));
      else {
        resolve(undefined);
        recordFrame(frame);
      }
    });
  });

/** @param {SubscriberOptions} options */
async function connectAll(options) {
  for (let from = 0; from < options.count; from += CONCURRENT_CONNECTS) {
    const length = Math.min(CONCURRENT_CONNECTS, options.count - from);
    await Promise.all(Array.from({ length }, (_, n) => connectSubscriber(options, from + n)));
  }
  process.send?.('connected');
}

process.on('message', (/** @type {SubscriberOptions | 'reset' | 'report'} */ message) => {
  if (message === 'report') process.send?.({ latencies, lastFrame });
  else if (message === 'reset') {
    latencies = [];
    process.send?.('reset');
  } else void connectAll(message);
});
process.on('disconnect', () => process.exit());
