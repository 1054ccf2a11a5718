import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { freeRedisPort } from '../redis/port.mjs';

const PATIENCE_MS = 10_000;

/**
 * One Redis for a run of the tests, which keeps nothing.
 *
 * @param {string} command the program
 * @param {string} scratch a folder that is removed after the run
 * @param {AbortSignal} signal
 * @returns {Promise<{ url: string, path: string, stop: () => Promise<void> }>} its URL, and a PATH on which tests that
 *   run a server of their own find `redis-server`, where it is Valkey too
 */
export async function startTestRedis(command, scratch, signal) {
  // Not before: it needs what is installed by now.
  const { untilRedisAnswers } = await import('../redis/answer.mjs');
  const port = await freeRedisPort();
  const args = { port: String(port), bind: '127.0.0.1', dir: scratch, save: '', appendonly: 'no' };
  const child = spawn(
    command,
    Object.entries(args).flatMap(([name, value]) => [`--${name}`, value]),
    { stdio: 'ignore', detached: true },
  );
  const kill = () => void child.kill('SIGKILL');
  process.on('exit', kill);
  const url = `redis://127.0.0.1:${port}`;
  await untilRedisAnswers(url, { patienceMs: PATIENCE_MS, signal });
  return {
    url,
    path: pathWithRedisServer(command, scratch),
    async stop() {
      process.off('exit', kill);
      kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

/** @param {string} command @param {string} scratch */
function pathWithRedisServer(command, scratch) {
  const path = process.env['PATH'] ?? '';
  if (basename(command) === 'redis-server') return path;
  const folder = join(scratch, 'bin');
  mkdirSync(folder);
  symlinkSync(command, join(folder, 'redis-server'));
  return `${folder}${delimiter}${path}`;
}
