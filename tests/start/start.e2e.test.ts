import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eventually, freePort, temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endOrphan } from '../../scripts/lib/redis/orphan.mjs';
import { freePorts, start, stopStarted, type Ports, type StartProcess } from './start-process.js';

/** Should it have to build first. */
const BUILD_MS = 240_000;
const READY = /Ready in [\d.]+ s\./;
const folder = temporaryFolder();
const dataDir = join(folder.path, 'data');
let ports: Ports;
let running: StartProcess;

beforeAll(async () => {
  ports = await freePorts();
  running = start({ ...ports, DATA_DIR: dataDir });
  await running.until(READY);
}, BUILD_MS);
afterAll(async () => {
  await stopStarted();
  await endOrphan(join(dataDir, 'redis'));
  folder.remove();
});

const redisPid = () => Number(readFileSync(join(dataDir, 'redis', 'redis.pid'), 'utf8'));

/** Whether something listens on a port. */
async function listens(port: string): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port: Number(port) });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
const listening = () => Promise.all(Object.values(ports).map(listens));

/** Sends the body of one of the `curl` commands that it printed, with the line of who asks. */
async function send(body: string): Promise<unknown> {
  const [, authorization = ''] = /A='authorization: ([^']+)'/.exec(running.output()) ?? [];
  const response = await fetch(`http://127.0.0.1:${ports.GATEWAY_PORT}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body,
  });
  return response.json();
}

test('prints where it is, how to use it and how to stop it', async () => {
  const url = `http://127.0.0.1:${ports.GATEWAY_PORT}/graphql`;
  expect(running.output()).toContain(url);
  expect(running.output()).toContain(url.replace('http', 'ws'));
  expect(running.output()).toContain('Stop with Ctrl-C.');

  const bodies = [...running.output().matchAll(/^ {2}curl .* -d '(.*)'$/gm)].map(([, body]) => body!);
  expect(bodies).toHaveLength(2);
  const created = { data: { createRule: { rule: { name: 'Shop hours' } } } };
  expect(await send(bodies[0]!)).toMatchObject(created);
  const read = { data: { user: { rules: { totalCount: 1, nodes: [{ name: 'Shop hours' }] } } } };
  await eventually(async () => expect(await send(bodies[1]!)).toMatchObject(read));
});

test('every service is ready by then', async () => {
  const answers = Object.values(ports).map((port) => fetch(`http://127.0.0.1:${port}/ready`));
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
});

test('a service that dies is named and started again', async () => {
  const [, pid] = (await running.until(/kill -STOP (\d+)/)) as unknown as [string, string];
  process.kill(Number(pid), 'SIGKILL');
  await running.until(/^reports ended with signal SIGKILL; it is started again in 0\.5 s\.$/m);
  await running.until(/^reports is ready again \(pid \d+\)\.$/m);
});

test('a Redis of its own that dies is named and started again, on its port', async () => {
  const before = redisPid();
  process.kill(before, 'SIGKILL');
  await running.until(/^redis ended with signal SIGKILL; it is started again in/m);
  await running.until(/^redis is ready again/m);
  expect(redisPid()).not.toBe(before);
});

describe('one sentence and exit code 1', () => {
  /** Starts what will not start, with free ports and a data folder of its own unless told otherwise. */
  async function refused(env: Readonly<Record<string, string>>): Promise<string> {
    const attempt = start({ ...(await freePorts()), DATA_DIR: join(folder.path, 'other'), ...env });
    expect(await attempt.ended, attempt.output()).toBe(1);
    return attempt.output();
  }

  test('where another start works in the data folder', async () => {
    expect(await refused({ DATA_DIR: dataDir })).toBe(
      `Another start process already works in the data folder ${dataDir}.\n`,
    );
  });

  test('where a port is in use', async () => {
    const port = ports.REPORTS_PORT;
    expect(await refused({ HEARTBEAT_PORT: port })).toBe(
      `Port ${port} on 127.0.0.1 is in use by another program: end it, or set HEARTBEAT_PORT to a free port.\n`,
    );
  });

  test('where the data folder cannot be used', async () => {
    const file = join(folder.path, 'file');
    writeFileSync(file, '');
    expect(await refused({ DATA_DIR: file })).toMatch(
      /^The data folder \S+ cannot be read and written \(.*\n$/,
    );
  });

  test('where the Redis of REDIS_URL cannot be had', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    expect(await refused({ REDIS_URL: url })).toMatch(
      /^The Redis of REDIS_URL, \S+, does not answer \(.*\n$/,
    );
  });

  test('where no Redis is given or installed', async () => {
    // Not as root on Debian or Ubuntu, where one would be installed.
    const nobody = temporaryFolder();
    expect(await refused({ PATH: nobody.path })).toMatch(/^There is no Redis on this machine: run .*\n$/);
    nobody.remove();
  });

  test('where settings are wrong: all those of a service at once', async () => {
    const output = await refused({
      PROJECTION_WAIT_MS: 'soon',
      MONITORING_URL: 'there',
      LOG_LEVEL: 'silent',
    });
    expect(output).toMatch(
      /^These settings cannot be used: MONITORING_URL must .* \(it is "there"\); PROJECTION_WAIT_MS must .* \(it is "soon"\)\.\n$/,
    );
  });
});

test('killed itself, it leaves no service behind, and the next start ends the Redis that it left', async () => {
  const orphan = redisPid();
  running.signal('SIGKILL');
  await running.ended;
  await eventually(async () => expect(await listening()).toEqual([false, false, false, false]));
  running = start({ ...ports, DATA_DIR: dataDir });
  await running.until(READY);
  expect(redisPid()).not.toBe(orphan);
  // Whoever adopted it may be a moment late to take note of its end.
  await eventually(() => expect(() => process.kill(orphan, 0)).toThrow('ESRCH'));
});

test('Ctrl-C stops all in order and leaves no process', async () => {
  const redis = redisPid();
  const from = running.output().length;
  // npm passes on a Ctrl-C that the terminal has sent to all: it comes twice.
  running.signal('SIGINT');
  running.signal('SIGINT');
  expect(await running.ended).toBe(0);
  expect(await listening()).toEqual([false, false, false, false]);
  expect(() => process.kill(redis, 0)).toThrow('ESRCH');
  const order = [
    ...running
      .output()
      .slice(from)
      .matchAll(/^(\w+) +\|.* stopping/gm),
  ].map(([, name]) => name);
  expect(order.filter((name) => name === 'gateway' || name === 'heartbeat')).toEqual([
    'gateway',
    'heartbeat',
  ]);
  expect(order).toHaveLength(4);
});
