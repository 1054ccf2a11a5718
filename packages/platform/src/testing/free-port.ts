import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the range of ephemeral ports. While a test's server is stopped, the system could otherwise give its port to any
 * outgoing connection, even to one that connects to that server.
 */
const MIN_PORT = 10_000;
/** Each worker of Vitest has its own ports: some time passes until a port that a test has found is in use. */
const PORTS_PER_WORKER = 2_500;
const MAX_WORKERS = 8;
const firstPort = MIN_PORT + (Number(process.env['VITEST_POOL_ID'] ?? 0) % MAX_WORKERS) * PORTS_PER_WORKER;
/** Ports that this process has found before are found again only after all others. */
let nextPort = randomInt(PORTS_PER_WORKER);

/** Finds a loopback port that no process listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = firstPort + (nextPort++ % PORTS_PER_WORKER);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
