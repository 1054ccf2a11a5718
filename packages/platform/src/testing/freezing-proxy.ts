import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy that can stop to forward data while its connections stay open, as a network that loses packets does. */
export interface FreezingProxy {
  readonly port: number;
  /** How many connections were accepted. */
  readonly connectionCount: number;
  /** Forwards nothing any more on the connections that are open now, as a firewall that has lost their state. New ones work. */
  freezeOpenConnections(): void;
  /** Forwards nothing in either direction, on open and on new connections, until `thaw`: a network partition. */
  freeze(): void;
  /** Forwards nothing on each new connection for a time: a server that is slow to accept. */
  delayNewConnections(delayMs: number): void;
  /** Forwards again, first what has arrived meanwhile, as TCP does. */
  thaw(): void;
  close(): Promise<void>;
}

/** Both sides of a connection. */
interface ProxiedConnection {
  readonly client: Socket;
  readonly upstream: Socket;
}

export async function startFreezingProxy(serverPort: number): Promise<FreezingProxy> {
  const connections = new Set<ProxiedConnection>();
  let connectionCount = 0;
  let isFrozen = false;
  let newConnectionDelayMs = 0;
  const forward = ({ client, upstream }: ProxiedConnection) => {
    client.pipe(upstream);
    upstream.pipe(client);
  };
  const freezeOpenConnections = () => {
    for (const { client, upstream } of connections) {
      for (const socket of [client, upstream]) socket.unpipe().pause();
    }
  };
  const server = createServer((client) => {
    connectionCount += 1;
    const upstream = connect(serverPort, '127.0.0.1');
    const connection = { client, upstream };
    connections.add(connection);
    for (const socket of [client, upstream]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        connections.delete(connection);
        client.destroy();
        upstream.destroy();
      });
    }
    const forwardUnlessFrozen = () => {
      if (!isFrozen) forward(connection);
    };
    if (newConnectionDelayMs > 0) setTimeout(forwardUnlessFrozen, newConnectionDelayMs).unref();
    else forwardUnlessFrozen();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get connectionCount() {
      return connectionCount;
    },
    freezeOpenConnections,
    delayNewConnections(delayMs) {
      newConnectionDelayMs = delayMs;
    },
    freeze() {
      isFrozen = true;
      freezeOpenConnections();
    },
    thaw() {
      isFrozen = false;
      for (const connection of connections) forward(connection);
    },
    async close() {
      for (const { client, upstream } of connections) {
        client.destroy();
        upstream.destroy();
      }
      server.close();
      await once(server, 'close');
    },
  };
}
