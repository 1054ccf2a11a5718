import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { checkPorts } from './ports.mjs';

const other = createServer();
afterEach(() => other.close());

/** A program that holds a port. */
async function occupied() {
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  return /** @type {import('node:net').AddressInfo} */ (other.address()).port;
}

test('a port in use is named with its setting', async () => {
  const port = await occupied();
  await expect(checkPorts('127.0.0.1', { REPORTS_PORT: String(port) }, 0)).rejects.toThrow(
    `Port ${port} on 127.0.0.1 is in use by another program: end it, or set REPORTS_PORT to a free port.`,
  );
});

test('a port that becomes free in time is taken', async () => {
  const port = await occupied();
  const checked = checkPorts('127.0.0.1', { REPORTS_PORT: String(port) }, 60_000);
  other.close();
  await expect(checked).resolves.toBeUndefined();
});

test('two settings with the same port are refused before anything listens', async () => {
  await expect(checkPorts('127.0.0.1', { GATEWAY_PORT: '4000', REPORTS_PORT: '4000' })).rejects.toThrow(
    'GATEWAY_PORT and REPORTS_PORT are both 4000',
  );
});

test('an address that is not this machine’s is named', async () => {
  await expect(checkPorts('192.0.2.1', { GATEWAY_PORT: '4000' })).rejects.toThrow(
    'This machine cannot listen on 192.0.2.1',
  );
});

test('what is no port is left to the service', async () => {
  await expect(
    checkPorts('127.0.0.1', { GATEWAY_PORT: 'x', REPORTS_PORT: '70000' }),
  ).resolves.toBeUndefined();
});
