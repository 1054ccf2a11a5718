import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HealthReport } from '@seguridad-abc/contracts';

/** The HTTP side of a monitor, for a test to say what it answers. */
export interface TestMonitor {
  /** Of its subgraph. */
  readonly url: string;
  /** Undefined: it answers with status 503. */
  answer: HealthReport | undefined;
  /** How often it was asked. */
  readonly asked: number;
  close(): Promise<void>;
}

export async function startMonitor(): Promise<TestMonitor> {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    if (request.url !== '/report' || !monitor.answer) response.writeHead(503).end('<html>');
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(monitor.answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const monitor: TestMonitor = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    answer: undefined,
    get asked() {
      return asked;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return monitor;
}
