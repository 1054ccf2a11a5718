import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const CPU = new URL('cpu.mjs', import.meta.url).href;
const START_MS = 60_000;
const STOP_MS = 5_000;

/**
 * @typedef {object} Child
 * @property {() => Promise<number>} cpu user and system, in microseconds
 * @property {() => Promise<void>} stop
 */

/**
 * Starts a process and waits until it listens. What it says is shown where it ends too early.
 * @param {readonly string[]} args of Node
 * @param {{ port: number, env?: Record<string, string> }} options
 * @returns {Promise<Child>}
 */
export async function startChild(args, { port, env = {} }) {
  const child = spawn(process.execPath, ['--import', CPU, ...args], {
    env: { ...process.env, NODE_ENV: 'production', PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (/** @type {Buffer} */ chunk) => (said = (said + chunk.toString()).slice(-4_000)));
  }
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await gone;
    clearTimeout(timer);
  };
  const deadline = performance.now() + START_MS;
  while (!(await listens(port))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await stop();
      throw new Error(`${args.join(' ')} does not listen:\n${said}`);
    }
    await sleep(100);
  }
  return {
    cpu: () =>
      new Promise((resolve) => {
        // A gateway may have more to say over the same channel.
        const hear = (/** @type {{ cpu?: number }} */ message) => {
          if (typeof message.cpu !== 'number') return;
          child.off('message', hear);
          resolve(message.cpu);
        };
        child.on('message', hear);
        child.send('cpu');
      }),
    stop,
  };
}

/** @param {number} port @returns {Promise<boolean>} */
const listens = (port) =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const end = (/** @type {boolean} */ result) => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
