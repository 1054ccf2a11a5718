import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  getLocalHostAndPort,
  serviceMessageSchema,
  SOCKET_VARIABLE,
  type ServiceMessage,
  type SupervisorMessage,
  runWithTimeout,
} from '@seguridad-abc/platform/installation';
import type { InstallationSettings, Service } from '../../shared/installation-settings.js';
import { PROJECT_FOLDER } from '../../shared/bootstrap.js';
import type { Program, ProgramReplacement } from './child-process.js';
import type { ListeningSocket } from './listening-socket.js';

const POLL_INTERVAL_MS = 50;
const REQUEST_TIMEOUT_MS = 2_000;

export interface ServiceProgramOptions {
  /** The socket on which the service listens. @default the service opens one itself */
  readonly socket?: ListeningSocket | undefined;
  readonly replacement?: ProgramReplacement | undefined;
  readonly hangTimeoutMs?: number;
  readonly beforeFirstStart?: (() => Promise<void>) | undefined;
  /** Called when a process accepts requests. It may still have to catch up. */
  readonly onAccepting?: () => void;
}

/** After this time of failures, the port refuses connections, so that clients do not wait. */
const MAX_SOCKET_DELAY_MS = 3_000;

/**
 * Creates the program of a built service. The service is ready when it has sent `ready` over the IPC channel and
 * `GET /ready` succeeds.
 */
export function createServiceProgram(
  { name, portSetting, stopOrder }: Service,
  { host, ports }: Pick<InstallationSettings, 'host' | 'ports'>,
  env: Readonly<Record<string, string>>,
  { socket, replacement, hangTimeoutMs, beforeFirstStart, onAccepting }: ServiceProgramOptions = {},
): Program {
  const url = `http://${getLocalHostAndPort(host, ports[portSetting])}/ready`;
  return {
    name,
    command: process.execPath,
    args: [join(PROJECT_FOLDER, 'apps', name, 'dist', 'main.js')],
    env: socket ? { ...env, [SOCKET_VARIABLE]: 'true' } : env,
    ipc: true,
    stopOrder,
    hangTimeoutMs,
    ...(replacement && { replacement }),
    ...(beforeFirstStart && { beforeFirstStart }),
    onRestartDelay(delayMs) {
      if (delayMs > MAX_SOCKET_DELAY_MS) socket?.close();
    },
    // From now on connections are refused.
    onStopped: () => socket?.close(),
    connect(child) {
      onServiceMessage(child, ({ type }) => {
        if (type === 'socket-wanted') void passSocket(child, socket);
        if (type === 'ready') onAccepting?.();
      });
    },
    async waitUntilReady(child, signal) {
      await waitForServiceMessage(child, ({ type }) => type === 'ready', signal);
      while (!(await isReady(url, signal))) await sleep(POLL_INTERVAL_MS, undefined, { signal });
    },
  };
}

async function passSocket(child: ChildProcess, socket: ListeningSocket | undefined): Promise<void> {
  const handle = await socket?.open();
  if (child.connected)
    child.send({ type: 'socket' } satisfies SupervisorMessage, handle, {}, () => undefined);
}

/** Sends a message to a service. If its process has just ended, nothing happens. */
export function sendToService(child: ChildProcess, message: SupervisorMessage): void {
  if (child.connected) child.send(message, () => undefined);
}

function onServiceMessage(child: ChildProcess, listener: (message: ServiceMessage) => void): () => void {
  const handleMessage = (message: unknown) => {
    const { success, data } = serviceMessageSchema.safeParse(message);
    if (success) listener(data);
  };
  child.on('message', handleMessage);
  return () => void child.off('message', handleMessage);
}

/** Resolves with the first matching message of a service. @throws the reason of `signal` */
export async function waitForServiceMessage(
  child: ChildProcess,
  matches: (message: ServiceMessage) => boolean,
  signal: AbortSignal,
): Promise<void> {
  const arrived = new AbortController();
  const stopListening = onServiceMessage(child, (message) => {
    if (matches(message)) arrived.abort();
  });
  try {
    signal.throwIfAborted();
    await once(AbortSignal.any([arrived.signal, signal]), 'abort');
    signal.throwIfAborted();
  } finally {
    stopListening();
  }
}

async function isReady(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    return await runWithTimeout(REQUEST_TIMEOUT_MS, signal, async (limit) => {
      const response = await fetch(url, { signal: limit });
      await response.arrayBuffer();
      return response.ok;
    });
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
