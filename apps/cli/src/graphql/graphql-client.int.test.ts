import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startRecordingServer } from '../testing/recording-server.js';
import { CheckAccessDocument } from './generated.js';
import { checkGatewayAccess, createGraphQLClient, getDocumentId, getDocumentText } from './graphql-client.js';

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

test('a gateway that accepts ids only gets the id of each document', async () => {
  const requests: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      requests.push(body as Record<string, unknown>);
      const refusal = { errors: [{ message: 'Send an id.', extensions: { code: 'OPERATION_NOT_ALLOWED' } }] };
      const isText = 'query' in (body as object);
      response.end(JSON.stringify(isText ? refusal : { data: { __typename: 'Query' } }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const client = createGraphQLClient(url, { authorize: () => Promise.resolve({}) });
  expect(client.documentFormat).toBe('text');
  for (let i = 0; i < 2; i += 1) {
    expect(await client.execute(CheckAccessDocument, {})).toStrictEqual({ data: { __typename: 'Query' } });
  }
  expect(client.documentFormat).toBe('id');
  const documentId = getDocumentId(CheckAccessDocument);
  const query = getDocumentText(CheckAccessDocument);
  expect(requests).toMatchObject([{ query }, { documentId }, { documentId }]);
  server.closeAllConnections();
  server.close();
});
