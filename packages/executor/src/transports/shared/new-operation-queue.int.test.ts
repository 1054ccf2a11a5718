import { afterEach, expect, test } from 'vitest';
import { startClockServer, type ClockServer, type TestContext } from '../../testing/clock-server.js';
import { openTestSocket } from '../../testing/test-clients.js';
import { waitForAssertion } from '../../testing/wait-for-assertion.js';

const MAX_RUNNING_PER_CLIENT = 4;
const KNOWN = '{ hello }';

let served: ClockServer;
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) close();
  await served.close();
});

/** Serves operations that wait until they may go on. The header `x-client` names the client. */
async function serveHeldOperations() {
  const begun: string[] = [];
  const held: (() => void)[] = [];
  let isHolding = false;
  served = await startClockServer({
    hooks: {
      createSession: ({ headers }) => ({ fairnessKey: String(headers['x-client']) }),
      createContext: async ({ signal, session, request }): Promise<TestContext> => {
        begun.push(`${session.fairnessKey} ${request.originalRequest.query}`);
        if (isHolding) await new Promise<void>((resolve) => held.push(resolve));
        return { signal };
      },
    },
  });
  const send = async (client: string, query: string) => {
    const response = await fetch(served.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-client': client },
      body: JSON.stringify({ query }),
    });
    return response.text();
  };
  await send('a', KNOWN);
  isHolding = true;
  const release = () => {
    isHolding = false;
    for (const resolve of held.splice(0)) resolve();
  };
  closers.push(release);
  return { begun, send, release };
}

const listNewDocuments = (prefix: string) =>
  Array.from({ length: 10 }, (_, n) => `{ ${prefix}${String(n)}: hello }`);

test('few new documents of one client are executed at the same time', async () => {
  const { begun, send, release } = await serveHeldOperations();
  begun.length = 0;
  const responses = listNewDocuments('n').map((query) => send('a', query));
  await waitForAssertion(() => expect(served.transports.statistics.waitingNewOperations).toBe(6));
  expect(begun).toHaveLength(MAX_RUNNING_PER_CLIENT);

  // Neither another client nor a known document waits behind them.
  responses.push(send('b', '{ other: hello }'), send('a', KNOWN));
  await waitForAssertion(() => expect(begun).toHaveLength(MAX_RUNNING_PER_CLIENT + 2));
  expect(begun).toEqual(expect.arrayContaining(['b { other: hello }', `a ${KNOWN}`]));

  release();
  for (const response of await Promise.all(responses)) expect(response).toContain('Hello, you');
  expect(served.transports.statistics.waitingNewOperations).toBe(0);
});

test('the new documents of a WebSocket count too', async () => {
  const { begun, release } = await serveHeldOperations();
  begun.length = 0;
  const { socket, send, subscribe, waitForMessage } = await openTestSocket(served.socketUrl);
  closers.push(() => socket.terminate());
  send({ type: 'connection_init' });
  await waitForMessage({ type: 'connection_ack' });
  const documents = listNewDocuments('s');
  for (const [index, query] of documents.entries()) subscribe(String(index), query);
  await waitForAssertion(() => expect(served.transports.statistics.waitingNewOperations).toBe(6));
  expect(begun).toHaveLength(MAX_RUNNING_PER_CLIENT);
  release();
  for (const index of documents.keys()) await waitForMessage({ id: String(index), type: 'complete' });
});
