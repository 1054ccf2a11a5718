import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import {
  composeSharedSupergraph,
  sharedSupergraphDocuments,
} from '../../../tests/hostile/hostile-documents.mjs';
import { openTestSocket } from '../../testing/test-clients.js';
import { createTestExecutor, silentLogger } from '../../testing/test-executor.js';
import { createThingsFederation } from '../../testing/things-federation.js';
import type { GraphQLRequest, PreparedRequest } from '../../operations/request-preparer.js';
import { createLightAbortController } from '../../shared/light-abort-signal.js';
import type { OperationContext } from '../../shared/operation-context.js';
import { createClientTransports } from '../create-transports.js';
import { HookedClient, prepareOrThrow, type GraphQLEngine } from './client-request.js';
import { createExpensiveRequestQueue } from './expensive-request-queue.js';
import { waitForAssertion } from '../../testing/wait-for-assertion.js';

const FAIRNESS_KEY = 'a';
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Starts a server whose only planning worker is busy. One more operation may wait. */
async function startBusyServer() {
  const executor = createTestExecutor(
    { ...createThingsFederation(), supergraphSdl: composeSharedSupergraph() },
    {},
    { planWorkers: 1, planTimeoutMs: 60_000, maxQueuedPlans: 1 },
  );
  await executor.ready;
  const client = { fairnessKey: FAIRNESS_KEY };
  const running = Promise.resolve(executor.prepare({ query: sharedSupergraphDocuments[1]!.query }, client));
  const onRejectedDocument = vi.fn();
  const counts = { authorized: 0, released: 0 };
  const transports = createClientTransports({
    engine: executor,
    logger: silentLogger,
    hooks: {
      createSession: () => client,
      createContext: () => ({}),
      onRejectedDocument: (_session, query) => void onRejectedDocument(query),
      slots: {
        operations: { acquire: () => undefined, release: () => void (counts.released += 1) },
      },
      authorize: () => void (counts.authorized += 1),
    },
  });
  const server = createServer(transports.handleRequest);
  server.on('upgrade', transports.handleUpgrade);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    await executor.close();
    await transports.close();
    server.closeAllConnections();
    server.close();
    await running;
  });
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  const post = (query: string, init: RequestInit = {}) =>
    fetch(`http://${address}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
      ...init,
    });
  /** Whether one more operation may wait. */
  const hasPlace = async () => {
    const waiting = executor.prepare({ query: '{ thing { b } }' }, client);
    await executor.close();
    const prepared = await waiting;
    return !('errors' in prepared) || prepared.errors[0]?.extensions['code'] !== 'OVERLOADED';
  };
  return { post, socketUrl: `ws://${address}`, counts, onRejectedDocument, hasPlace };
}

test(
  'a client is not charged for an operation that too many others keep waiting',
  { timeout: 120_000 },
  async () => {
    const { post, counts, onRejectedDocument } = await startBusyServer();
    const waiting = post('{ thing { a } }').catch(() => undefined);
    await waitForAssertion(() => expect(counts.authorized).toBe(1));
    expect((await post('{ thing { b } }')).status).toBe(503);
    expect(onRejectedDocument).not.toHaveBeenCalled();
    await post('{ nothing }');
    expect(onRejectedDocument.mock.calls).toEqual([['{ nothing }']]);
    await closers.pop()?.();
    await waiting;
  },
);

test('an operation whose HTTP client has disconnected is not planned', { timeout: 120_000 }, async () => {
  const { post, counts, hasPlace } = await startBusyServer();
  const controller = new AbortController();
  const waiting = post('{ thing { a } }', { signal: controller.signal }).catch(() => undefined);
  await waitForAssertion(() => expect(counts.authorized).toBe(1));
  expect((await post('{ thing { b } }')).status).toBe(503);
  controller.abort();
  await waiting;
  await waitForAssertion(() => expect(counts.released).toBe(2));
  expect(await hasPlace()).toBe(true);
});

test(
  'an operation that its WebSocket client has completed is not planned',
  { timeout: 120_000 },
  async () => {
    const { socketUrl, counts, hasPlace } = await startBusyServer();
    const socket = await openTestSocket(socketUrl);
    socket.send({ type: 'connection_init' });
    await socket.waitForMessage({ type: 'connection_ack' });
    socket.subscribe('1', '{ thing { a } }');
    await waitForAssertion(() => expect(counts.authorized).toBe(1));
    socket.send({ id: '1', type: 'complete' });
    await waitForAssertion(() => expect(counts.released).toBe(1));
    expect(await hasPlace()).toBe(true);
  },
);

test('new documents that arrive together are prepared in several turns; a known one does not wait', () => {
  const prepared: string[] = [];
  const engine = {
    isKnown: ({ query }: GraphQLRequest) => query === 'known',
    prepare({ query }: GraphQLRequest) {
      prepared.push(query);
      return { query } as unknown as PreparedRequest;
    },
  } as unknown as GraphQLEngine<OperationContext>;
  const client = new HookedClient({}, {}, {}, createLightAbortController().signal);
  const queue = createExpensiveRequestQueue();
  const planned = ['new 1', 'new 2', 'known'].map((query) =>
    prepareOrThrow(engine, { query }, client, queue),
  );
  expect(prepared).toStrictEqual(['new 1', 'known']);
  expect(planned.map((each) => each instanceof Promise)).toStrictEqual([false, true, false]);
});
