import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getLocalHostAndPort } from '@seguridad-abc/platform/installation';
import type { InstallationSettings, Service } from '../../shared/installation-settings.js';
import { PROJECT_FOLDER } from '../../shared/bootstrap.js';
import type { Program } from './child-process.js';

const POLL_INTERVAL_MS = 50;
const REQUEST_TIMEOUT_MS = 2_000;

/**
 * Creates the program of a built service. The service is ready when it has sent `ready` over the IPC channel and
 * `GET /ready` succeeds.
 */
export function createServiceProgram(
  { name, portSetting, stopOrder }: Service,
  { host, ports }: Pick<InstallationSettings, 'host' | 'ports'>,
  env: Readonly<Record<string, string>>,
): Program {
  const url = `http://${getLocalHostAndPort(host, ports[portSetting])}/ready`;
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

async function waitForMessage(child: ChildProcess, expected: string, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.on('message', (message) => {
      if (message === expected) resolve();
    });
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

async function isReady(url: string, signal: AbortSignal): Promise<boolean> {
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
