import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { recordLogs } from './testing/index.js';
import { startTracing } from './tracing.js';

const server = createServer();
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test('a collector that never answers does not stop the process from stopping', async () => {
  const { logger, lines } = recordLogs();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', endpoint);
  const settings = {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_SDK_DISABLED: false,
  } as const;
  const tracing = await startTracing('test', settings, logger);
  const requested = once(server, 'request');
  // More than the queue of the exporter holds.
  for (let count = 0; count < 5_000; count++)
    tracing?.startSpan('work', { kind: 'internal', parent: undefined }).end();
  await requested;
  await tracing?.stop();
  expect(lines.map(({ msg }) => msg)).toContain('the last traces were not exported');
});
