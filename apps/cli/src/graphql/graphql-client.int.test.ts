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
