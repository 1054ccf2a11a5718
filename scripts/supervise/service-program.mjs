import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toReachableAddress } from '../shared/installation-settings.mjs';
import { PROJECT_FOLDER } from '../shared/project-files.mjs';

const POLL_INTERVAL_MS = 50;
const REQUEST_TIMEOUT_MS = 2_000;

/**
 * Creates the program of a built service. The service is ready when it has sent `ready` over the IPC channel and
 * `GET /ready` succeeds.
 *
 * @param {import('../shared/installation-settings.mjs').ServiceInfo} service
 * @param {Pick<import('../shared/installation-settings.mjs').InstallationSettings, 'host' | 'ports'>} settings
 * @param {Readonly<Record<string, string>>} env
 * @returns {import('./child-process.mjs').Program}
 */
export function createServiceProgram({ name, portSetting, stopOrder }, { host, ports }, env) {
  const url = `http://${toReachableAddress(host, ports[portSetting] ?? '')}/ready`;
  return {
    name,
    command: process.execPath,
    args: [join(PROJECT_FOLDER, 'apps', name, 'dist', 'main.js')],
    env,
    ipc: true,
    stopOrder,
    async waitUntilReady(child, signal) {
      await waitForMessage(child, 'ready', signal);
      while (!(await isReady(url, signal))) await sleep(POLL_INTERVAL_MS, undefined, { signal });
    },
  };
}

/** @param {import('node:child_process').ChildProcess} child @param {string} expected @param {AbortSignal} signal */
async function waitForMessage(child, expected, signal) {
  await new Promise((/** @type {(nothing: void) => void} */ resolve, reject) => {
    child.on('message', (message) => {
      if (message === expected) resolve();
    });
    signal.addEventListener('abort', reject, { once: true });
  });
}

/** @param {string} url @param {AbortSignal} signal */
async function isReady(url, signal) {
  try {
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const response = await fetch(url, { signal: AbortSignal.any([signal, timeout]) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
