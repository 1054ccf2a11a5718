import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { createGraphQLClient, type GraphQLClient } from '../graphql/graphql-client.js';

/** A GraphQL request as a client sends it. */
export interface TestGatewayRequest<Variables> {
  readonly query: string;
  readonly variables: Variables;
}

/** A server on loopback in the place of a gateway. */
export interface TestGateway {
  readonly client: GraphQLClient;
  readonly port: string;
  close(): Promise<void>;
}

/** Starts a gateway that answers each request with what `respond` returns. */
export async function startTestGateway<Variables>(
  respond: (request: TestGatewayRequest<Variables>) => object,
): Promise<TestGateway> {
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(respond(body as TestGatewayRequest<Variables>)));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = String((server.address() as AddressInfo).port);
  const url = new URL(`http://127.0.0.1:${port}/graphql`);
  return {
    client: createGraphQLClient(url, { authorize: () => Promise.resolve({}) }),
    port,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
