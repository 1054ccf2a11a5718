// Starts the built services of a checkout as processes whose functions are counted.
import { spawn } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectInspector } from './called-functions.mjs';

const HOST = '127.0.0.1';
/** The longest interval that the services accept: no process beats during a window. */
const QUIET_INTERVAL_MS = 3_600_000;
/** The only app that is no service. */
const COMMAND_LINE_APP = 'cli';
const START_TIMEOUT_MS = 30_000;
const POLL_MS = 50;

/**
 * @typedef {object} ProfiledService a process
 * @property {string} name of its folder under apps/
 * @property {string} origin such as http://127.0.0.1:4000
 * @property {import('node:child_process').ChildProcess} child
 * @property {import('./called-functions.mjs').Inspector} inspector
 *
 * @typedef {object} ProfiledPlatform the running services, with a Redis and an issuer of tokens
 * @property {readonly ProfiledService[]} services
 * @property {string} endpoint of the gateway, host and port
 * @property {string} authorization of an operator
 * @property {() => Promise<void>} stop
 *
 * @typedef {() => void | Promise<void>} Cleanup
 */

/** @param {string} dir @returns {Promise<{ url: string, stop: Cleanup }>} */
async function startRedis(dir) {
  const port = await findFreePort();
  const args = ['--port', String(port), '--bind', HOST, '--dir', dir, '--save', '', '--appendonly', 'no'];
  const child = spawn('redis-server', args, { stdio: 'ignore' });
  await once(child, 'spawn');
  const accepts = async () => {
    const socket = connect(port, HOST);
    await once(socket, 'connect');
    socket.destroy();
    return true;
  };
  await waitFor(accepts, 'redis-server did not accept connections');
  return { url: `redis://${HOST}:${port}`, stop: () => terminate(child) };
}

/**
 * An issuer of the kind that AUTH_JWKS_URL names, so that the tool needs no code of the project to get a token.
 * @returns {Promise<{ settings: Record<string, string>, authorization: string, stop: Cleanup }>}
 */
async function startTokenIssuer() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'ES256', use: 'sig' };
  const server = createHttpServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: [key] }));
  }).listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The issuer has no port.');

  const encode = (/** @type {object} */ part) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const now = Math.floor(Date.now() / 1_000);
  const claims = { sub: 'bench', role: 'operator', iss: 'bench', aud: 'bench', iat: now, exp: now + 3_600 };
  const signed = `${encode({ alg: 'ES256', kid: 'bench' })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return {
    settings: {
      AUTH: 'required',
      AUTH_JWKS_URL: `http://${HOST}:${address.port}/`,
      AUTH_ISSUER: 'bench',
      AUTH_AUDIENCE: 'bench',
    },
    authorization: `Bearer ${signed}.${signature.toString('base64url')}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/**
 * @param {string} checkout @param {string} name @param {string} origin
 * @param {Record<string, string | undefined>} env
 * @returns {Promise<ProfiledService>}
 */
async function startService(checkout, name, origin, env) {
  const main = join(checkout, 'apps', name, 'dist', 'main.js');
  const child = spawn(process.execPath, [`--inspect=${HOST}:0`, main], {
    cwd: checkout,
    env,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  try {
    const inspector = await connectInspector(await findInspectorUrl(child), checkout);
    const isReady = async () => (await fetch(`${origin}/ready`)).ok;
    await waitFor(isReady, `The service ${name} was not ready`);
    return { name, origin, child, inspector };
  } catch (error) {
    await terminate(child);
    throw error;
  }
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<string>} */
function findInspectorUrl({ stderr }) {
  if (!stderr) throw new Error('The process has no stderr.');
  const lines = createInterface({ input: stderr });
  return new Promise((resolvePromise, reject) => {
    lines.on('line', (line) => {
      const url = /^Debugger listening on (ws:\S+)/.exec(line)?.[1];
      if (url !== undefined) resolvePromise(url);
      else if (!/^(Debugger |For help)/.test(line)) console.error(line);
    });
    lines.on('close', () => reject(new Error('A service ended before its inspector listened.')));
  });
}

/**
 * Starts every built service of a checkout under its inspector, a redis-server and an issuer of tokens.
 *
 * @param {string} checkout
 * @param {Record<string, string>} [intervals] HEARTBEAT_INTERVAL_MS of the services that beat
 * @returns {Promise<ProfiledPlatform>}
 */
export async function startProfiledPlatform(checkout, intervals = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'files-crossed-'));
  /** @type {Cleanup[]} */
  const cleanups = [() => rmSync(dataDir, { recursive: true, force: true })];
  const stop = async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  };
  try {
    const redis = await startRedis(dataDir);
    cleanups.push(redis.stop);
    const issuer = await startTokenIssuer();
    cleanups.push(issuer.stop);
    const names = readdirSync(join(checkout, 'apps')).filter(
      (name) => name !== COMMAND_LINE_APP && existsSync(join(checkout, 'apps', name, 'dist', 'main.js')),
    );
    if (!names.includes('gateway')) throw new Error(`${checkout} is not built. Run npm run build first.`);
    /** @type {Record<string, string>} */
    const ports = {};
    for (const name of names) ports[`${name.toUpperCase()}_PORT`] = String(await findFreePort());
    const originOf = (/** @type {string} */ name) =>
      `http://${HOST}:${ports[`${name.toUpperCase()}_PORT`] ?? ''}`;
    const settings = {
      ...process.env,
      ...ports,
      ...issuer.settings,
      HOST,
      DATA_DIR: dataDir,
      REDIS_URL: redis.url,
      LOG_LEVEL: 'error',
      HEARTBEAT_EXPECTED: names.join(','),
      // A process that was suspended reports that its event loop was held up.
      HEARTBEAT_MAX_LOOP_DELAY_MS: String(QUIET_INTERVAL_MS),
    };
    const starts = await Promise.allSettled(
      names.map((name) => {
        const interval = intervals[name] ?? String(QUIET_INTERVAL_MS);
        return startService(checkout, name, originOf(name), { ...settings, HEARTBEAT_INTERVAL_MS: interval });
      }),
    );
    const services = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    for (const { child, inspector } of services) {
      cleanups.push(async () => {
        inspector.close();
        await terminate(child);
      });
    }
    for (const start of starts) if (start.status === 'rejected') throw start.reason;
    return {
      services,
      endpoint: `${originOf('gateway').slice('http://'.length)}/graphql`,
      authorization: issuer.authorization,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Polls a condition. An error of the condition counts as not done.
 *
 * @param {() => Promise<boolean>} isDone
 * @param {string} what did not happen: the message of the error after 30 s
 */
export async function waitFor(isDone, what) {
  const until = performance.now() + START_TIMEOUT_MS;
  while (!(await isDone().catch(() => false))) {
    if (performance.now() > until) throw new Error(`${what} within ${START_TIMEOUT_MS} ms.`);
    await sleep(POLL_MS);
  }
}

/** @returns {Promise<number>} a free port of loopback */
async function findFreePort() {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}

/** @param {import('node:child_process').ChildProcess} child */
async function terminate(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  await exited;
}
