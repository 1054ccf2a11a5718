import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between a client and a server, and passes on what the server says as late as it is told to. */
export interface SlowProxy {
  readonly port: number;
  /** In milliseconds; Infinity: nothing passes until it is less. */
  delayMs: number;
  close(): Promise<void>;
}

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
    /** What came, in order, with the moment at which it came. */
    const held: { readonly chunk: Buffer; readonly at: number }[] = [];
    const pass = () => {
      while (held[0] && performance.now() - held[0].at >= proxy.delayMs) {
        const next = held.shift();
        if (next) client.write(next.chunk);
      }
    };
    const timer = setInterval(pass, 10);
    client.on('close', () => clearInterval(timer));
    upstream.on('data', (chunk) => held.push({ chunk, at: performance.now() }));
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
