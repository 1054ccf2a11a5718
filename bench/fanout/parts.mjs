import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { findFreeServicePorts } from '../../scripts/shared/ports.mjs';

const ROOT = new URL('../../', import.meta.url);
const START_MS = 30_000;

/** @param {import('node:child_process').ChildProcess} child */
const pidOf = ({ pid }) => {
  if (pid === undefined) throw new Error('A process did not start.');
  return pid;
};
/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<unknown>} what it says next
 */
const messageOf = (child) =>
  new Promise((resolve, reject) => {
    const ended = () => reject(new Error('A process of the bench has ended.'));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message);
    });
  });

/**
 * The built gateway alone, before reports that has read the log as far as it goes, and no changes of alarms to tell.
 * @param {string} redisUrl @param {string} dataDir @param {() => number} position of the last change
 */
export async function startGateway(redisUrl, dataDir, position) {
  const ports = await findFreeServicePorts();
  const reports = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ logId: 'bench', position: position(), changes: [] }));
  }).listen(Number(ports['REPORTS_PORT']), '127.0.0.1');
  const child = spawn(process.execPath, ['apps/gateway/dist/main.js'], {
    cwd: fileURLToPath(ROOT),
    env: {
      ...process.env,
      ...ports,
      REDIS_URL: redisUrl,
      DATA_DIR: dataDir,
      AUTH: 'off',
      LOG_LEVEL: 'error',
      NODE_ENV: 'production',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const origin = `127.0.0.1:${ports['GATEWAY_PORT'] ?? ''}`;
  const until = performance.now() + START_MS;
  for (;;) {
    const isReady = await fetch(`http://${origin}/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) break;
    if (performance.now() > until) throw new Error('The gateway did not start.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    pid: pidOf(child),
    url: `ws://${origin}/graphql`,
    async close() {
      child.kill();
      await once(child, 'exit');
      reports.close();
    },
  };
}

export async function startBareServer() {
  const child = fork(new URL('bare-server.mjs', import.meta.url));
  const { port } = /** @type {{ port: number }} */ (await messageOf(child));
  return {
    pid: pidOf(child),
    url: `ws://127.0.0.1:${String(port)}`,
    /** @param {string} frame */
    send: (frame) => void child.send(frame),
    close: () => void child.kill(),
  };
}

/** @param {{ url: string, count: number, query?: string, first: boolean }} order */
export async function startClients(order) {
  const child = fork(new URL('clients.mjs', import.meta.url));
  const connected = messageOf(child);
  child.send(order);
  await connected;
  return {
    async reset() {
      const reset = messageOf(child);
      child.send('reset');
      await reset;
    },
    /** @returns {Promise<{ latencies: number[], lastFrame: string }>} */
    async report() {
      const report = messageOf(child);
      child.send('report');
      return /** @type {{ latencies: number[], lastFrame: string }} */ (await report);
    },
    async close() {
      child.kill();
      await once(child, 'exit');
    },
  };
}
