import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { composeServices } from '@apollo/composition';
import { createEventQueue, type EventQueue } from '@seguridad-abc/executor';
import { eventually } from '@seguridad-abc/platform/testing';
import { buildSchema, GraphQLError, parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { startTestGateway, type TestGateway } from './testing/test-gateway.js';

const TYPE_DEFS = `
  type Star { name: String! magnitude: Float }
  type Query { planets: Int }
  type Subscription { flared(name: String!): Star }
`;

/** A subgraph whose only event source is the test. */
function startSky(port: number) {
  const received: IncomingHttpHeaders[] = [];
  const queues: EventQueue<object>[] = [];
  const flared = () => {
    const { signal } = new AbortController();
    const queue = createEventQueue<object>({
      signal,
      capacity: 1_000,
      overflow: () => new GraphQLError('?'),
    });
    queues.push(queue);
    return queue;
  };
  const sockets = new WebSocketServer({ host: '127.0.0.1', port });
  useServer(
    {
      schema: buildSchema(TYPE_DEFS),
      roots: { subscription: { flared } },
      onConnect: ({ extra: { request } }) => void received.push(request.headers),
    },
    sockets,
  );
  return {
    received,
    /** The streams that were opened. */
    queues,
    getSocketCount: () => sockets.clients.size,
    listening: once(sockets, 'listening'),
    getPort: () => (sockets.address() as AddressInfo).port,
    push(star: object) {
      for (const queue of queues) queue.push({ flared: star });
    },
    async stop() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      await once(sockets, 'close');
    },
  };
}

let sky: ReturnType<typeof startSky>;
let testGateway: TestGateway;
const disposals: (() => unknown)[] = [];

beforeAll(async () => {
  sky = startSky(0);
  await sky.listening;
  const { supergraphSdl = '' } = composeServices([
    { name: 'sky', url: `http://127.0.0.1:${sky.getPort()}/`, typeDefs: parse(TYPE_DEFS) },
  ]);
  testGateway = await startTestGateway({ AUTH: 'off', SUBGRAPH_SUBSCRIPTIONS: 'sky=ws' }, { supergraphSdl });
});
afterEach(async () => {
  for (const dispose of disposals.splice(0)) await dispose();
});
afterAll(async () => {
  await testGateway.stop();
  await sky.stop();
});

/** Subscribes on a new WebSocket. */
function subscribe(name: string) {
  const client = createClient({
    url: `${testGateway.origin.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  });
  disposals.push(() => client.dispose());
  const values: unknown[] = [];
  client.subscribe(
    {
      query: 'subscription ($name: String!) { flared(name: $name) { name magnitude } }',
      variables: { name },
    },
    {
      next: ({ data }) => void values.push(data),
      error: (error) => void values.push(error),
      complete: () => void values.push('complete'),
    },
  );
  return values;
}

test('equal subscriptions share one at the subgraph, which survives its restart', async () => {
  const [first, second] = [subscribe('Betelgeuse'), subscribe('Betelgeuse')];
  const star = { name: 'Betelgeuse', magnitude: 0.4 };
  await eventually(() => expect(sky.queues).toHaveLength(1));
  // The second subscriber may still be on its way.
  await eventually(() => {
    sky.push(star);
    expect([first[0], second[0]]).toEqual([{ flared: star }, { flared: star }]);
  });
  expect(sky.received).toHaveLength(1);
  expect(sky.received[0]).toMatchObject({ 'x-correlation-id': expect.any(String) as string });

  const port = sky.getPort();
  await sky.stop();
  sky = startSky(port);
  await eventually(() => expect(sky.queues).toHaveLength(1));
  sky.push({ name: 'Antares', magnitude: 1 });
  await eventually(() => expect(second.at(-1)).toEqual({ flared: { name: 'Antares', magnitude: 1 } }));

  for (const dispose of disposals.splice(0)) await dispose();
  await eventually(() => expect(sky.getSocketCount()).toBe(0));
});
