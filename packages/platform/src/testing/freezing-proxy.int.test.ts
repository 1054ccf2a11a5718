import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { startFreezingProxy } from './freezing-proxy.js';

test('a frozen proxy keeps connections open and forwards nothing until it is thawed, also on new connections', async () => {
  const echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(
    0,
    '127.0.0.1',
  );
  await once(echo, 'listening');
  const proxy = await startFreezingProxy((echo.address() as AddressInfo).port);
  const open = async () => {
    const socket = connect(proxy.port, '127.0.0.1').setEncoding('utf8');
    await once(socket, 'connect');
    return socket;
  };
  const received: string[] = [];
  const send = (socket: Socket, text: string) => {
    socket.write(text);
    return once(socket, 'data').then(([answer]) => received.push(String(answer)));
  };
  const earlier = await open();
  await send(earlier, 'before');
  proxy.freeze();
  const later = await open();
  const answers = [send(earlier, 'during 1'), send(later, 'during 2')];
  // A connection around the proxy is answered after data on the frozen ones would be.
  const direct = connect((echo.address() as AddressInfo).port, '127.0.0.1').setEncoding('utf8');
  for (let index = 0; index < 3; index++) await send(direct, 'direct');
  expect(received).toEqual(['before', 'direct', 'direct', 'direct']);
  proxy.thaw();
  await Promise.all(answers);
  expect(received.slice(4).sort()).toEqual(['during 1', 'during 2']);
  for (const socket of [earlier, later, direct]) socket.destroy();
  await proxy.close();
  echo.close();
});
