import { eventually } from '@seguridad-abc/platform/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { createServiceRestarter } from '../supervise/restart-services.js';
import type { SupervisedProgram } from '../supervise/supervisor.js';
import { startControlServer, type ControlServer } from './control-server.js';

let server: ControlServer | undefined;
afterEach(() => server?.close());

const createProgram = (name: string, replace: () => Promise<void>): SupervisedProgram => ({
  name,
  stopOrder: 1,
  getPid: () => 7,
  getChild: () => undefined,
  started: Promise.resolve(),
  restart: () => undefined,
  replace,
  stop: () => Promise.resolve(),
  kill: () => undefined,
});

async function start(...programs: SupervisedProgram[]) {
  server = await startControlServer(createServiceRestarter(programs));
  const { port, key } = server.address;
  return async (services: readonly string[], authorization = `Bearer ${key}`) => {
    const response = await fetch(`http://127.0.0.1:${port}/restart`, {
      method: 'POST',
      headers: { authorization },
      body: JSON.stringify({ services }),
    });
    const lines = (await response.text()).split('\n').filter((line) => line !== '');
    return { status: response.status, lines: lines.map((line) => JSON.parse(line) as unknown) };
  };
}

test('replaces the services in their order, one after the other, and reports each', async () => {
  const order: string[] = [];
  const replace = (name: string) => async () => {
    order.push(`${name} begins`);
    await new Promise(setImmediate);
    order.push(`${name} ends`);
  };
  const restart = await start(createProgram('a', replace('a')), createProgram('b', replace('b')));
  const { lines } = await restart([]);
  expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  expect(lines).toEqual([
    { text: expect.stringMatching(/^a is replaced \(pid 7, [\d.]+ s\)\.$/) as string },
    { text: expect.stringMatching(/^b is replaced/) as string },
    { outcome: 'done' },
  ]);
  order.length = 0;
  await restart(['b']);
  expect(order).toEqual(['b begins', 'b ends']);
});

test('stops at the first service that cannot be replaced', async () => {
  const replaceB = vi.fn(() => Promise.resolve());
  const restart = await start(
    createProgram('a', () => Promise.reject(new Error('no'))),
    createProgram('b', replaceB),
  );
  expect((await restart([])).lines).toEqual([{ outcome: 'failed', message: 'The restart failed: no' }]);
  expect(replaceB).not.toHaveBeenCalled();
});

test('refuses unknown services, a second restart at the same time, and callers without the key', async () => {
  let finish = (): void => undefined;
  const isCalled = vi.fn();
  const restart = await start(
    createProgram('a', () => {
      isCalled();
      return new Promise((resolve) => (finish = resolve));
    }),
  );
  expect((await restart(['x'])).lines).toEqual([
    { outcome: 'failed', message: 'There is no service "x": use one of a.' },
  ]);
  const first = restart([]);
  await eventually(() => expect(isCalled).toHaveBeenCalledOnce());
  expect((await restart([])).lines).toEqual([
    { outcome: 'failed', message: 'A restart is already running: wait until it has ended.' },
  ]);
  finish();
  expect((await first).lines.at(-1)).toEqual({ outcome: 'done' });
  expect((await restart([], 'Bearer other')).status).toBe(401);
});
