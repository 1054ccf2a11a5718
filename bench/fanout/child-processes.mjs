import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { importBuilt } from '../lib/import-built.mjs';

const { findFreeServicePorts } = /** @type {typeof import('@seguridad-abc/cli')} */ (
  await importBuilt('@seguridad-abc/cli')
);

const ROOT = new URL('../../', import.meta.url);
const START_TIMEOUT_MS = 30_000;

/** @typedef {{ pid: number, url: string }} ServerProcess */

/** @param {import('node:child_process').ChildProcess} child */
function getPid({ pid }) {
  if (pid === undefined) throw new Error('A child process of the benchmark did not start.');
  return pid;
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<unknown>} its next message */
const waitForMessage = (child) =>
  new Promise((resolve, reject) => {
    const rejectOnExit = () => reject(new Error('A child process of the benchmark ended too early.'));
    child.once('exit', rejectOnExit);
    child.once('message', (message) => {
      child.off('exit', rejectOnExit);
      resolve(message);
    });
  });

/**
 * Starts the built gateway. A stand-in for reports answers that the log is read up to the last event and that no changes are
 * missing, so that the gateway delivers events at once.
 * @param {string} redisUrl @param {string} dataDir @param {() => number} getLastPosition log position of the last event
 */
export async function startGateway(redisUrl, dataDir, getLastPosition) {
  const ports = await findFreeServicePorts();
  const reports = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ logId: 'bench', position: getLastPosition(), changes: [] }));
  }).listen(Number(ports.REPORTS_PORT), '127.0.0.1');
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
  const address = `127.0.0.1:${ports.GATEWAY_PORT}`;
  await waitUntilReady(`http://${address}/ready`);
  return {
    pid: getPid(child),
    url: `ws://${address}/graphql`,
    async close() {
      child.kill();
      await once(child, 'exit');
      reports.close();
    },
  };
}

/** @param {string} url */
async function waitUntilReady(url) {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    if (performance.now() > deadline) {
      throw new Error(
        `The gateway was not ready after ${String(START_TIMEOUT_MS / 1_000)} s. Check its log output.`,
      );
    }
    await sleep(100);
  }
}

export async function startBareServer() {
  const child = fork(new URL('bare-server-process.mjs', import.meta.url));
  const { port } = /** @type {{ port: number }} */ (await waitForMessage(child));
  return {
    pid: getPid(child),
    url: `ws://127.0.0.1:${String(port)}`,
    /** Sends a frame to every WebSocket. @param {string} frame */
    sendFrame: (frame) => void child.send(frame),
    close: () => void child.kill(),
  };
}

/**
 * Starts subscribers in one child process and waits until all are subscribed.
 * @param {import('./subscriber-process.mjs').SubscriberOptions} options
 */
export async function startSubscribers(options) {
  const child = fork(new URL('subscriber-process.mjs', import.meta.url));
  const connected = waitForMessage(child);
  child.send(options);
  await connected;
  return {
    /** Discards the latencies collected so far. */
    async reset() {
      const done = waitForMessage(child);
      child.send('reset');
      await done;
    },
    /** Latencies are in milliseconds. @returns {Promise<{ latencies: number[], lastFrame: string }>} */
    async getReport() {
      const report = waitForMessage(child);
      child.send('report');
      return /** @type {{ latencies: number[], lastFrame: string }} */ (await report);
    },
    async close() {
      child.kill();
      await once(child, 'exit');
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof startSubscribers>>} Subscribers */

/** Clock ticks in /proc take 10 ms, and memory pages 4 KiB, on the Linux platforms that Node supports. */
const CLOCK_TICK_MS = 10;
const PAGE_BYTES = 4_096;

/**
 * Reads the resource usage of another process. Linux only.
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 * @param {number} pid
 * @returns {{ cpuMs: number, residentBytes: number }} CPU is user and system time since the start of the process
 */
export function readProcessUsage(pid) {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  const fields = stat.split(') ').at(-1)?.split(' ') ?? [];
  // Counted after the process name: utime has index 11, stime 12, rss 21.
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS,
    residentBytes: Number(fields[21]) * PAGE_BYTES,
  };
}
