import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { graphql, type GraphQLSchema } from 'graphql';
import { createHandler } from 'graphql-sse/lib/use/http';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

/** What a server has received with a WebSocket or a request for server-sent events. */
export interface ReceivedSubscription {
  readonly headers: IncomingHttpHeaders;
  /** The payload of `connection_init`. */
  readonly connectionParams?: Readonly<Record<string, unknown>> | undefined;
}

/** A subgraph that serves queries, graphql-transport-ws and server-sent events at one URL of this machine. It answers GET requests with 200. */
export interface SubscriptionServer {
  /** With the scheme `http`. */
  readonly url: string;
  readonly received: ReceivedSubscription[];
  /** Number of open WebSockets. */
  readonly socketCount: number;
  /** Answers HTTP requests instead of the subgraph. `undefined` restores the subgraph. */
  respond?: ((response: ServerResponse) => void) | undefined;
  /** The HTTP status with which WebSockets are refused. @default they are accepted */
  upgradeStatus?: number | undefined;
  /** Decides with which code and reason a WebSocket is closed at `connection_init`. @default it is accepted */
  refusal?: readonly [code: number, reason: string] | undefined;
  /** Breaks all connections and accepts no further ones, as if the process was killed. */
  stop(): Promise<void>;
  /** Listens again, on the same port. */
  start(): Promise<void>;
  /** Closes all WebSockets in an orderly way, and goes on to listen. */
  closeSockets(code: number, reason?: string): void;
}

/** Starts a server with the schema of a subgraph. */
export async function startSubscriptionServer(schema: GraphQLSchema): Promise<SubscriptionServer> {
  const received: ReceivedSubscription[] = [];
  const handleEvents = createHandler({ schema });
  const answerQuery = async (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, unknown> };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(await graphql({ schema, source: query, variableValues: variables })));
  };
  const server = createServer((request, response) => {
    const isSubscription = request.headers.accept?.includes('text/event-stream') === true;
    if (isSubscription) received.push({ headers: request.headers });
    if (subscriptionServer.respond) subscriptionServer.respond(response);
    else if (request.method === 'GET') response.end();
    else void (isSubscription ? handleEvents(request, response) : answerQuery(request, response));
  });
  const sockets = new WebSocketServer({ noServer: true });
  useServer(
    {
      schema,
      onConnect({ connectionParams, extra: { request, socket } }) {
        received.push({ headers: request.headers, connectionParams });
        if (subscriptionServer.refusal) socket.close(...subscriptionServer.refusal);
      },
    },
    sockets,
  );
  server.on('upgrade', (request, socket, head) => {
    const { upgradeStatus } = subscriptionServer;
    if (upgradeStatus !== undefined) socket.end(`HTTP/1.1 ${upgradeStatus} \r\ncontent-length: 0\r\n\r\n`);
    else {
      sockets.handleUpgrade(request, socket, head, (webSocket) =>
        sockets.emit('connection', webSocket, request),
      );
    }
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  const subscriptionServer: SubscriptionServer = {
    url: `http://127.0.0.1:${port}/graphql`,
    received,
    get socketCount() {
      return sockets.clients.size;
    },
    async stop() {
      if (!server.listening) return;
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
    async start() {
      await listen(port);
    },
    closeSockets(code, reason) {
      for (const socket of sockets.clients) socket.close(code, reason);
    },
  };
  return subscriptionServer;
}
