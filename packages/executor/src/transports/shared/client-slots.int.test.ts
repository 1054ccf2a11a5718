import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { allowAllHooks, startClockServer, type ClockServer } from '../../testing/clock-server.js';
import { openTestSocket, openTestStream } from '../../testing/test-clients.js';
import { waitUntil } from '../../testing/wait-until.js';
import type { ClientSlots } from './client-request.js';
import { countSubscriptionSlots, HeldSlot, type SlotPool } from './client-slots.js';

let served: ClockServer;
afterEach(() => served.close());

type Kind = keyof ClientSlots<unknown>;

/** Counts the slots that are held, and those that were acquired. */
function createCountingSlots() {
  const held: Record<Kind, number> = { handshakes: 0, sockets: 0, operations: 0, subscriptions: 0 };
  const acquired = { ...held };
  const createPool = (kind: Kind): SlotPool<unknown> => ({
    acquire(_, count) {
      held[kind] += count;
      acquired[kind] += count;
    },
    release(_, count) {
      held[kind] -= count;
      if (held[kind] < 0) throw new Error(`A slot of ${kind} was released twice.`);
    },
  });
  const slots: ClientSlots<unknown> = {
    handshakes: createPool('handshakes'),
    sockets: createPool('sockets'),
    operations: createPool('operations'),
    subscriptions: createPool('subscriptions'),
  };
  return { held, acquired, slots };
}

const NOTHING = { handshakes: 0, sockets: 0, operations: 0, subscriptions: 0 };
const TICKED = 'subscription { ticked }';
const createPost = (body: object, accept = 'application/json') => {
  const text = JSON.stringify(body);
  return (
    `POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\naccept: ${accept}\r\n` +
    `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
  );
};

async function serve() {
  const counting = createCountingSlots();
  served = await startClockServer({ hooks: { ...allowAllHooks, slots: counting.slots } });
  const connectRaw = async () => {
    const socket = connect(Number(new URL(served.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  return { ...counting, connectRaw };
}

test('HTTP: answered, invalid and abandoned operations free their slots', async () => {
  const { held, acquired, connectRaw } = await serve();
  const post = (body: string) =>
    fetch(served.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).then(
      (response) => response.text(),
    );
  await Promise.all([post('{"query": "{ hello }"}'), post('{"query": "{ wrong }"}'), post('{'), post('[]')]);
  const slowField = served.waitForSlowField();
  const socket = await connectRaw();
  socket.write(createPost({ query: '{ slow }' }));
  const { resolve } = await slowField;
  await waitUntil(() => held.operations === 1);
  socket.destroy();
  await waitUntil(() => held.operations === 0);
  resolve(1);
  expect([acquired.operations, held]).toStrictEqual([5, NOTHING]);
});

test('HTTP: operations and subscriptions that wait behind another response free their slots', async () => {
  const { held, acquired, connectRaw } = await serve();
  const socket = await connectRaw();
  const stream = createPost({ query: TICKED }, 'text/event-stream');
  socket.write(stream + createPost({ query: '{ hello }' }) + stream + createPost({ query: '{ wrong }' }));
  await waitUntil(() => acquired.operations === 4 && held.operations === 0 && held.subscriptions === 2);
  socket.destroy();
  await waitUntil(() => held.subscriptions === 0 && served.openSources === 0);
  expect(held).toStrictEqual(NOTHING);
});

test.each(['text/event-stream', 'multipart/mixed;subscriptionSpec=1.0'])(
  'a stream of %s frees its slot when it ends',
  async (accept) => {
    const { held } = await serve();
    const streams = await Promise.all(
      [1, 2].map(() => openTestStream(served.url, accept, { query: TICKED })),
    );
    await waitUntil(() => served.openSources > 0 && held.subscriptions === 2 && held.operations === 0);
    streams[0]?.abort();
    await waitUntil(() => held.subscriptions === 1);
    served.endTicks();
    await streams[1]?.ended;
    await waitUntil(() => held.subscriptions === 0);
    expect(held).toStrictEqual(NOTHING);
  },
);

test('WebSocket: every way in which operations end frees their slots', async () => {
  const { held, acquired } = await serve();
  const silent = await openTestSocket(served.socketUrl);
  expect(held).toStrictEqual({ ...NOTHING, handshakes: 1 });
  silent.socket.terminate();
  const { socket, send, subscribe, waitForMessage } = await openTestSocket(served.socketUrl);
  send({ type: 'connection_init' });
  await waitForMessage({ type: 'connection_ack' });
  await waitUntil(() => held.handshakes === 0);
  expect(held).toStrictEqual({ ...NOTHING, sockets: 1 });

  subscribe('answered', '{ hello }');
  await waitForMessage({ id: 'answered', type: 'complete' });
  subscribe('invalid', '{ wrong }');
  await waitForMessage({ id: 'invalid', type: 'error' });
  subscribe('rejected', 'subscription { unmapped }');
  await waitForMessage({ id: 'rejected', type: 'error' });
  subscribe('completed', TICKED);
  await waitUntil(() => held.subscriptions === 1);
  send({ id: 'completed', type: 'complete' });
  await waitUntil(() => held.subscriptions === 0);
  subscribe('ended', TICKED);
  await waitUntil(() => served.openSources === 1);
  served.endTicks();
  await waitForMessage({ id: 'ended', type: 'complete' });
  expect(held).toStrictEqual({ ...NOTHING, sockets: 1 });

  // The start and the end of a subscription in one packet.
  for (let n = 0; n < 20; n++) {
    subscribe(`short ${n}`, TICKED);
    send({ id: `short ${n}`, type: 'complete' });
  }
  subscribe('left', TICKED);
  await waitUntil(() => held.subscriptions === 1 && held.operations === 0);
  const slowField = served.waitForSlowField();
  subscribe('slow', '{ slow }');
  const { resolve } = await slowField;
  socket.terminate();
  await waitUntil(() => held.subscriptions === 0 && held.sockets === 0);
  resolve(1);
  await waitUntil(() => held.operations === 0);
  expect([acquired.operations, held]).toStrictEqual([27, NOTHING]);
});

test('a subscription takes a slot for each 2,048 characters', async () => {
  await serve();
  expect(countSubscriptionSlots({ query: TICKED })).toBe(1);
  expect(countSubscriptionSlots({ query: 'x'.repeat(2_048) })).toBe(1);
  expect(countSubscriptionSlots({ query: 'x'.repeat(2_048), variables: { a: 1 } })).toBe(2);
});

test('a released slot is not released again, and keeps no owner', () => {
  const released: unknown[] = [];
  const pool = { acquire: () => undefined, release: (owner: unknown) => released.push(owner) };
  const slot = new HeldSlot(pool, 'owner');
  slot.release();
  slot.release();
  expect(released).toStrictEqual(['owner']);
  expect(JSON.stringify(slot)).not.toContain('owner');
});
