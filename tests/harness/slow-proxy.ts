import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy that delays the data from the server to the client. */
export interface SlowProxy {
  readonly port: number;
  /** Can change at any time. With `Infinity` nothing passes until it changes. */
  delayMs: number;
  close(): Promise<void>;
}

const FORWARD_INTERVAL_MS = 10;

export async function startSlowProxy(serverPort: number): Promise<SlowProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    const delayed: { readonly chunk: Buffer; readonly receivedAt: number }[] = [];
    const forward = () => {
      while (delayed[0] && performance.now() - delayed[0].receivedAt >= proxy.delayMs) {
        const next = delayed.shift();
        if (next) client.write(next.chunk);
      }
    };
    const timer = setInterval(forward, FORWARD_INTERVAL_MS);
    client.on('close', () => clearInterval(timer));
    upstream.on('data', (chunk) => delayed.push({ chunk, receivedAt: performance.now() }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: SlowProxy = {
    port: (server.address() as AddressInfo).port,
    delayMs: 0,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}
