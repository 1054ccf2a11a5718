import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const REPORT_CPU = new URL('report-cpu.mjs', import.meta.url).href;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;
const MAX_OUTPUT_CHARACTERS = 4_000;

/**
 * @typedef {object} Child
 * @property {() => Promise<number>} readCpu user and system time since the start, in microseconds
 * @property {() => Promise<void>} stop
 */

/**
 * Starts a Node process and waits until it listens on its port.
 * @param {readonly string[]} args of Node
 * @param {{ port: number, env?: Record<string, string> }} options
 * @returns {Promise<Child>}
 * @throws {Error} with the output of the process, if it ends or does not listen within 60 seconds
 */
export async function startChildProcess(args, { port, env = {} }) {
  const child = spawn(process.execPath, ['--import', REPORT_CPU, ...args], {
    env: { ...process.env, NODE_ENV: 'production', PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (/** @type {Buffer} */ chunk) => {
      output = (output + chunk.toString()).slice(-MAX_OUTPUT_CHARACTERS);
    });
  }
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  };
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await isListening(port))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await stop();
      throw new Error(`${args.join(' ')} does not listen on port ${port}. Its output:\n${output}`);
    }
    await sleep(100);
  }
  return {
    readCpu: () =>
      new Promise((resolve) => {
        // A gateway may send other messages over the same channel.
        const handleMessage = (/** @type {{ cpu?: number }} */ message) => {
          if (typeof message.cpu !== 'number') return;
          child.off('message', handleMessage);
          resolve(message.cpu);
        };
        child.on('message', handleMessage);
        child.send('cpu');
      }),
    stop,
  };
}

/** @param {number} port @returns {Promise<boolean>} */
const isListening = (port) =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const finish = (/** @type {boolean} */ result) => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => finish(true)).once('error', () => finish(false));
  });
