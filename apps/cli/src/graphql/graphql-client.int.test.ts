import { expect, test } from 'vitest';
import { startRecordingServer } from '../testing/recording-server.js';
import { checkGatewayAccess, createGraphQLClient } from './graphql-client.js';

test.each([
  [
    'UNAUTHENTICATED',
    'The token has expired.',
    /The token has expired\. The command sends AUTH_TOKEN if it is set/,
  ],
  [
    'NOT_FOUND',
    'There is nothing at this address.',
    /at this address\. Correct --url: it must be a GraphQL endpoint/,
  ],
])(
  'a gateway that refuses the command with %s: the message says what to correct',
  async (code, message, expected) => {
    const server = await startRecordingServer((_request, response) => {
      response.end(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
    });
    const client = createGraphQLClient(new URL(server.origin), { authorize: () => Promise.resolve({}) });
    await expect(checkGatewayAccess(client)).rejects.toThrow(expected);
    await server.close();
  },
);

const refuse = (code: string) =>
  JSON.stringify({ errors: [{ message: 'Wait.', extensions: { code, retryAfter: 1 } }] });

test.each(['RATE_LIMITED', 'TOO_MANY_OPERATIONS'])(
  'an operation that is refused with %s is sent again after the time that the gateway says',
  async (code) => {
    let count = 0;
    const times: number[] = [];
    const server = await startRecordingServer((_request, response) => {
      times.push(performance.now());
      count += 1;
      if (count === 1) response.writeHead(429).end(refuse(code));
      else response.end(JSON.stringify({ data: { __typename: 'Query' } }));
    });
    const client = createGraphQLClient(new URL(server.origin), { authorize: () => Promise.resolve({}) });
    await checkGatewayAccess(client);
    const [first = 0, second = 0] = times;
    expect(second - first).toBeGreaterThan(990);
    await server.close();
  },
);

test('an operation that is refused for too long fails with the reason', async () => {
  const server = await startRecordingServer((_request, response) => {
    response.writeHead(429).end(refuse('RATE_LIMITED'));
  });
  const client = createGraphQLClient(new URL(server.origin), {
    authorize: () => Promise.resolve({}),
    refusalTimeoutMs: 500,
  });
  await expect(checkGatewayAccess(client)).rejects.toThrow('Wait.');
  await server.close();
});
