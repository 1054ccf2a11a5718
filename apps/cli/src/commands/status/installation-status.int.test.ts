import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { SERVICES } from '../../shared/installation-settings.js';
import { startRecordingServer, type RecordingServer } from '../../testing/recording-server.js';
import { createServiceContext, SECRET_HEADERS } from '../../testing/service-context.js';
import { collectInstallationStatus, readProcessStatus } from './installation-status.js';

let server: RecordingServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const [MONITORING] = SERVICES;
const [[SECRET_HEADER, SECRET]] = Object.entries(SECRET_HEADERS) as [[string, string]];

/** Starts a program on monitoring's port. @returns the status of monitoring */
async function readStatusOf(respond: RequestListener) {
  server = await startRecordingServer(respond);
  return readProcessStatus(MONITORING, createServiceContext(server.port));
}
const getSentSecrets = () => server?.requests.map(({ headers }) => headers[SECRET_HEADER]);

test('the service gets the secret after it has answered without it', async () => {
  const status = await readStatusOf(({ headers }, response) => {
    const details = headers[SECRET_HEADER] === SECRET ? { checks: { relayed: 7 } } : {};
    response.end(JSON.stringify({ service: 'monitoring', ready: true, ...details }));
  });
  expect(status).toMatchObject({ name: 'monitoring', ready: true, checks: { relayed: 7 } });
  expect(getSentSecrets()).toStrictEqual([undefined, SECRET]);
});

test.each([
  ['a web server', (_request, response) => response.end('<html>')],
  ['a server that redirects', (_request, response) => response.writeHead(307, { location: '/x' }).end()],
  ['another service', (_request, response) => response.end('{"service":"reports","ready":true}')],
] satisfies [string, RequestListener][])('%s on the port gets no secret', async (_, respond) => {
  expect(await readStatusOf(respond)).toMatchObject({ ready: false, fault: 'another program listens there' });
  expect(getSentSecrets()).toStrictEqual([undefined]);
});

test('a service that does not accept the secret belongs to another installation', async () => {
  const status = await readStatusOf((_request, response) =>
    response.end('{"service":"monitoring","ready":true}'),
  );
  expect(status).toMatchObject({
    ready: false,
    fault: 'monitoring of another installation listens there',
  });
});

test('what cannot be read on the disk is said, and the rest is shown', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'status-'));
  // Folders in the place of files: reading them fails with EISDIR, as on a broken disk with EIO.
  for (const path of ['issuer-key.pem', 'installation-secret', 'redis/port'])
    mkdirSync(join(dataDir, path), { recursive: true });
  server = await startRecordingServer((_request, response) =>
    response.end('{"service":"monitoring","ready":true}'),
  );
  const context = createServiceContext(server.port);
  const identity = { ...context.settings.identity, secret: undefined };
  const status = await collectInstallationStatus(undefined, {
    settings: { ...context.settings, dataDir, identity },
  });
  rmSync(dataDir, { recursive: true });
  expect(status).toMatchObject({
    services: null,
    healthFault: expect.stringMatching(/issuer-key\.pem cannot be used: EISDIR/) as string,
    redis: {
      url: null,
      fault: expect.stringMatching(/^the address of Redis .* cannot be read: EISDIR/) as string,
    },
  });
  expect(status.processes[0]).toMatchObject({
    name: 'monitoring',
    ready: false,
    fault: expect.stringMatching(/installation-secret cannot be used/) as string,
  });
});
