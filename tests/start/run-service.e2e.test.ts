import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, freePort, temporaryFolder } from '@seguridad-abc/platform/testing';
import { expect, test } from 'vitest';
import { startScript } from '../harness/script-process.js';

const PROJECT_FOLDER = fileURLToPath(new URL('../..', import.meta.url));

test('npm run monitoring runs this service, and a signal to npm stops it', async () => {
  const folder = temporaryFolder();
  const port = await freePort();
  const env = {
    ...process.env,
    MONITORING_PORT: String(port),
    DATA_DIR: folder.path,
    REDIS_URL: 'redis://127.0.0.1:1',
  };
  const npm = spawn('npm', ['run', 'monitoring'], {
    cwd: PROJECT_FOLDER,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(npm, 'exit');
  let output = '';
  npm.stdout.setEncoding('utf8');
  while (!output.includes('"listening"')) output += String((await once(npm.stdout, 'data'))[0]);
  expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);

  npm.stdout.resume();
  npm.kill('SIGTERM');
  await ended;
  await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow('fetch failed');
  folder.remove();
});

test('a service without a supervisor lets its clients leave at SIGTERM, so that no request is lost', async () => {
  const folder = temporaryFolder();
  const port = await freePort();
  const service = startScript(['scripts/run-service.mjs', 'heartbeat'], {
    env: { HEARTBEAT_PORT: String(port), DATA_DIR: folder.path, REDIS_URL: 'redis://127.0.0.1:1' },
  });
  await service.waitForOutput(/"listening"/);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const readHealth = async () => {
    const request = get({ port, path: '/health', agent });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    return [response.statusCode, response.headers.connection];
  };
  expect(await readHealth()).toEqual([200, 'keep-alive']);
  service.child.kill('SIGTERM');
  await service.waitForOutput(/finishing the requests in flight/);
  // The connection was idle when the signal came.
  expect(await readHealth()).toEqual([200, 'close']);
  await expect(readHealth()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect((await service.ended).code).toBe(0);
  folder.remove();
});

test('a service that is not built fails with one message and exit code 1', async () => {
  const { code, stderr } = await startScript(['scripts/run-service.mjs', 'unknown']).ended;
  expect(stderr).toBe('apps/unknown is not built: run npm start, or npm ci and npm run build, first.\n');
  expect(code).toBe(1);
});

test('a gateway that is stopped while it waits for its subgraphs reports no error', async () => {
  const folder = temporaryFolder();
  const configFile = join(folder.path, 'supergraph.yaml');
  writeFileSync(
    configFile,
    `subgraphs: { absent: { routing_url: 'http://127.0.0.1:${await freePort()}/graphql' } }`,
  );
  const gateway = startScript(['scripts/run-service.mjs', 'gateway'], {
    env: {
      GATEWAY_PORT: String(await freePort()),
      DATA_DIR: folder.path,
      REDIS_URL: 'redis://127.0.0.1:1',
      SUPERGRAPH: 'introspect',
      SUPERGRAPH_CONFIG: configFile,
    },
  });
  await gateway.waitForOutput(/the subgraphs cannot be composed yet/);
  gateway.child.kill('SIGINT');
  const { code, stderr, stdout } = await gateway.ended;
  expect(stderr).toBe('');
  expect(stdout).not.toContain('"level":"error"');
  expect(code).toBe(0);
  folder.remove();
});

test('a gateway that a process manager stops answers on open connections before it ends', async () => {
  const folder = temporaryFolder();
  const origin = `http://127.0.0.1:${await freePort()}`;
  const gateway = startScript(['scripts/run-service.mjs', 'gateway'], {
    env: { GATEWAY_PORT: new URL(origin).port, DATA_DIR: folder.path, REDIS_URL: 'redis://127.0.0.1:1' },
  });
  await gateway.waitForOutput(/"listening"/);
  await eventually(async () => expect((await fetch(`${origin}/ready`)).status).toBe(200));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const readHealth = async () => {
    const [response] = (await once(get(`${origin}/health`, { agent }), 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    return [response.statusCode, response.headers.connection];
  };
  expect(await readHealth()).toEqual([200, 'keep-alive']);
  gateway.child.kill('SIGTERM');
  await eventually(async () => expect((await fetch(`${origin}/ready`)).status).toBe(404));
  // The connection was idle when the signal came.
  expect(await readHealth()).toEqual([200, 'close']);
  // Others serve new connections, also while this one finishes.
  await eventually(() => expect(readHealth()).rejects.toMatchObject({ code: 'ECONNREFUSED' }));
  expect((await gateway.ended).code).toBe(0);
  agent.destroy();
  folder.remove();
});

test('a service goes on for some time without its supervisor, can be claimed by another one, and then stops', async () => {
  const folder = temporaryFolder();
  const origin = `http://127.0.0.1:${await freePort()}`;
  const service = spawn(process.execPath, ['apps/heartbeat/dist/main.js'], {
    cwd: PROJECT_FOLDER,
    env: {
      PATH: process.env['PATH'],
      HEARTBEAT_PORT: new URL(origin).port,
      DATA_DIR: folder.path,
      REDIS_URL: 'redis://127.0.0.1:1',
      UNSUPERVISED_LIFETIME_MS: '1500',
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const ended = once(service, 'exit');
  await once(service, 'message');
  const headers = { 'x-installation-secret': readFileSync(join(folder.path, 'installation-secret'), 'utf8') };
  const claim = (options: RequestInit) =>
    fetch(`${origin}/supervision/claim`, { method: 'POST', ...options });
  expect((await claim({ headers })).status).toBe(409);

  // As after kill -9 of the supervisor: nobody reads the output any more.
  service.stdout?.destroy();
  service.disconnect();
  expect((await claim({})).status).toBe(401);
  await eventually(async () => {
    const response = await claim({ headers });
    expect(await response.json()).toMatchObject({
      service: 'heartbeat',
      pid: service.pid,
      dataFolder: folder.path,
    });
  });
  expect(await ended).toEqual([0, null]);
  const log = readFileSync(join(folder.path, 'heartbeat.unsupervised.log'), 'utf8');
  expect(log).toMatch(/the supervising process is gone.*\n.*no other process has taken over/);
  folder.remove();
});
