import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../root.mjs';
import { localAddress } from '../settings.mjs';

const POLL_MS = 50;
const ASK_MS = 2_000;

/**
 * One of our services: it says by its channel that it answers, and by `/ready` that it can do its work.
 *
 * @param {import('../services.mjs').ServiceInfo} service
 * @param {Pick<import('../settings.mjs').Settings, 'host' | 'ports'>} settings
 * @param {Readonly<Record<string, string>>} env
 * @returns {import('./program.mjs').Program}
 */
export function serviceProgram({ name, portSetting, stopsAt }, { host, ports }, env) {
  const url = `http://${localAddress(host, ports[portSetting] ?? '')}/ready`;
  return {
    name,
    command: process.execPath,
    args: [join(ROOT, 'apps', name, 'dist', 'main.js')],
    env,
    ipc: true,
    stopsAt,
    async untilReady(child, signal) {
      await untilSaid(child, 'ready', signal);
      while (!(await answersWell(url, signal))) await sleep(POLL_MS, undefined, { signal });
    },
  };
}

/** @param {import('node:child_process').ChildProcess} child @param {string} word @param {AbortSignal} signal */
async function untilSaid(child, word, signal) {
  await new Promise((/** @type {(nothing: void) => void} */ resolve, reject) => {
    child.on('message', (message) => {
      if (message === word) resolve();
    });
    signal.addEventListener('abort', reject, { once: true });
  });
}

/** @param {string} url @param {AbortSignal} signal */
async function answersWell(url, signal) {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
