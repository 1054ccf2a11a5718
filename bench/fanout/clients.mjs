// Many WebSocket subscribers in one process: a child process that is told what to subscribe to, and asked what came.
import { WebSocket } from 'ws';

/** @typedef {{ url: string, count: number, query?: string, first: boolean }} Order */

/** So many connect at a time. */
const AT_A_TIME = 50;
/** Events say when they were published. */
const STAMP = /t=(\d+)/;

/** @type {number[]} */
let latencies = [];
let lastFrame = '';

/** @param {string} frame */
const heard = (frame) => {
  lastFrame = frame;
  const [, at] = STAMP.exec(frame) ?? [];
  if (at !== undefined) latencies.push(Date.now() - Number(at));
};

/** Resolves when it is subscribed: with the first payload, where the subscription begins with one. @param {Order} order @param {number} index */
const connect = ({ url, query, first }, index) =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, query === undefined ? [] : ['graphql-transport-ws']);
    socket.on('error', reject);
    socket.on('close', (code) => reject(new Error(`closed with ${String(code)}`)));
    socket.on('open', () => {
      if (query === undefined) resolve(undefined);
      else socket.send('{"type":"connection_init"}');
    });
    socket.on('message', (data) => {
      const frame = Buffer.isBuffer(data) ? data.toString() : '';
      if (frame.startsWith('{"type":"connection_ack"')) {
        const payload = { query, variables: { user: `user-${String(index)}` } };
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
        if (!first) resolve(undefined);
      } else if (frame === '{"type":"ping"}') socket.send('{"type":"pong"}');
      else if (frame.includes('"type":"error"')) reject(new Error(frame));
      else {
        resolve(undefined);
        heard(frame);
      }
    });
  });

/** @param {Order} order */
async function connectAll(order) {
  for (let from = 0; from < order.count; from += AT_A_TIME) {
    const some = Array.from({ length: Math.min(AT_A_TIME, order.count - from) }, (_, n) => from + n);
    await Promise.all(some.map((index) => connect(order, index)));
  }
  process.send?.('connected');
}

process.on('message', (/** @type {Order | 'reset' | 'report'} */ message) => {
  if (message === 'report') process.send?.({ latencies, lastFrame });
  else if (message === 'reset') {
    latencies = [];
    process.send?.('reset');
  } else void connectAll(message);
});
process.on('disconnect', () => process.exit());
