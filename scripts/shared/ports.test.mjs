import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { checkPortsAvailable, findFreeServicePorts } from './ports.mjs';

const server = createServer();
afterEach(() => server.close());

/** @returns {Promise<number>} a port in use */
async function occupyPort() {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
}

test('reports a port in use with its setting', async () => {
  const port = await occupyPort();
  await expect(checkPortsAvailable('127.0.0.1', { REPORTS_PORT: String(port) }, 0)).rejects.toThrow(
    `Port ${port} on 127.0.0.1 is in use by another program: stop that program, or set REPORTS_PORT to a free port.`,
  );
});

test('accepts a port that becomes free in time', async () => {
  const port = await occupyPort();
  const checked = checkPortsAvailable('127.0.0.1', { REPORTS_PORT: String(port) }, 60_000);
  server.close();
  await expect(checked).resolves.toBeUndefined();
});

test('rejects two settings with the same port', async () => {
  await expect(
    checkPortsAvailable('127.0.0.1', { GATEWAY_PORT: '4000', REPORTS_PORT: '4000' }),
  ).rejects.toThrow('GATEWAY_PORT and REPORTS_PORT are both 4000');
});

test('reports an address that does not belong to this machine', async () => {
  await expect(checkPortsAvailable('192.0.2.1', { GATEWAY_PORT: '4000' })).rejects.toThrow(
    'This machine cannot listen on 192.0.2.1',
  );
});

test('ignores invalid ports, which the service reports', async () => {
  await expect(
    checkPortsAvailable('127.0.0.1', { GATEWAY_PORT: 'x', REPORTS_PORT: '70000' }),
  ).resolves.toBeUndefined();
});

test('finds a different free port for each service', async () => {
  const ports = await findFreeServicePorts();
  expect(Object.keys(ports)).toEqual(['MONITORING_PORT', 'REPORTS_PORT', 'HEARTBEAT_PORT', 'GATEWAY_PORT']);
  expect(new Set(Object.values(ports)).size).toBe(4);
});
