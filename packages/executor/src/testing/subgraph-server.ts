import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import type { TestSubgraph } from './test-federation.js';

/** A request that a subgraph server has received. */
export interface ReceivedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A subgraph built with @apollo/subgraph, on a port of this machine. Resolvers get the request's headers as context. */
export interface SubgraphServer {
  readonly name: string;
  readonly url: string;
  readonly requests: ReceivedRequest[];
  /** Serves another schema on the same URL. */
  replaceSchema(subgraph: TestSubgraph): void;
  /** Replaces the response of all requests. `undefined` restores the subgraph. */
  respond?: ((response: ServerResponse) => void) | undefined;
  close(): Promise<void>;
}

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires"])`;

const buildSchema = ({ typeDefs, resolvers = {} }: TestSubgraph) =>
  buildSubgraphSchema([{ typeDefs: parse(`${LINK}\n${typeDefs}`), resolvers }]);

/** @param port a free one by default */
export async function startSubgraphServer(
  name: string,
  subgraph: TestSubgraph,
  port = 0,
): Promise<SubgraphServer> {
  let schema = buildSchema(subgraph);
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { query, operationName, variables } = JSON.parse(body) as Pick<
      ReceivedRequest,
      'query' | 'operationName'
    > &
      Partial<ReceivedRequest>;
    subgraphServer.requests.push({
      headers: request.headers,
      query,
      operationName,
      variables: variables ?? {},
    });
    if (subgraphServer.respond) {
      subgraphServer.respond(response);
      return;
    }
    const result = await graphql({
      schema,
      source: query,
      operationName,
      variableValues: variables ?? {},
      contextValue: request.headers,
    });
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(result));
  };
  const server = createServer((request, response) => void handle(request, response));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const subgraphServer: SubgraphServer = {
    name,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    requests: [],
    replaceSchema(next) {
      schema = buildSchema(next);
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return subgraphServer;
}
