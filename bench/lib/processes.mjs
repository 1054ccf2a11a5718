import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Built services over a Redis and a data folder of their own, on free ports.
 *
 * @param {readonly string[]} services names of folders under apps/
 * @param {Readonly<Record<string, string>>} settings for all of them
 */
export async function startProcesses(services, settings) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const redisPort = await freePort();
  const redisUrl = `redis://127.0.0.1:${String(redisPort)}`;
  /** @type {import('node:child_process').ChildProcess[]} */
  const children = [];

  const close = async () => {
    // The services first, so that they end in order; Redis, the first, last.
    for (const child of [...children].reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };

  try {
    const redis = spawn('redis-server', ['--port', String(redisPort), '--dir', folder, '--save', ''], {
      stdio: 'ignore',
    });
    children.push(redis);
    await once(redis, 'spawn');
    await untilAnswering(redisUrl);
    /** @type {NodeJS.ProcessEnv} */
    const env = {
      PATH: process.env['PATH'],
      REDIS_URL: redisUrl,
      DATA_DIR: folder,
      LOG_LEVEL: 'warn',
      ...settings,
    };
    for (const name of services) env[`${name.toUpperCase()}_PORT`] = String(await freePort());
    for (const name of services) children.push(await startService(name, env));
  } catch (error) {
    await close();
    throw error;
  }
  return { redisUrl, close };
}

/** @param {string} name @param {NodeJS.ProcessEnv} env */
async function startService(name, env) {
  const child = spawn(process.execPath, [`apps/${name}/dist/main.js`], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ready = once(child, 'message').then(() => true);
  const ended = once(child, 'exit').then(() => false);
  if (!(await Promise.race([ready, ended]))) throw new Error(`${name} did not start; is it built?`);
  return child;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/** @param {string} url */
async function untilAnswering(url) {
  const probe = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  probe.on('error', () => undefined);
  await probe.ping();
  probe.disconnect();
}
