import { join, resolve } from 'node:path';
import type { EnvironmentVariables } from './settings.js';
import { redirectLogs, type Logger } from './logger.js';
import { SOFTWARE_VERSION } from './software-version.js';
import {
  ALIVE_INTERVAL_MS,
  SOCKET_VARIABLE,
  supervisorMessageSchema,
  UNSUPERVISED_LIFETIME_VARIABLE,
  type ClaimedProcess,
  type ServiceMessage,
  type SupervisorMessage,
} from './supervision-messages.js';

/** What `server.listen` accepts in place of an address: a socket that another process has bound. */
type ListeningHandle = object;

/** What the environment of a service says about its supervision. */
interface SupervisionSettings {
  /** Whether the supervisor keeps the listening socket. */
  readonly hasSocket: boolean;
  /** How long the service goes on without its supervisor, in milliseconds. */
  readonly unsupervisedLifetimeMs: number;
  readonly dataFolder: string;
}

let settings: SupervisionSettings = { hasSocket: false, unsupervisedLifetimeMs: 0, dataFolder: './data' };

/** Reads how this process is supervised. Without this call it has no supervisor. */
export function readSupervisionSettings(env: EnvironmentVariables): void {
  const { [SOCKET_VARIABLE]: socket, [UNSUPERVISED_LIFETIME_VARIABLE]: lifetime = '', DATA_DIR = '' } = env;
  settings = {
    hasSocket: Boolean(socket),
    unsupervisedLifetimeMs: Number(lifetime),
    dataFolder: DATA_DIR === '' ? './data' : DATA_DIR,
  };
}

/** Whether the supervisor keeps the listening socket, so that another process may accept its connections now. */
export const hasSharedSocket = (): boolean => settings.hasSocket;

type MessageListener = (message: SupervisorMessage, handle: ListeningHandle | undefined) => void;

/**
 * Listens for messages of the supervisor.
 * @returns a function that ends the listening
 */
export function onSupervisorMessage(listener: MessageListener): () => void {
  const handleMessage = (message: unknown, handle: unknown) => {
    const { success, data } = supervisorMessageSchema.safeParse(message);
    if (success) listener(data, handle as ListeningHandle | undefined);
  };
  process.on('message', handleMessage);
  return () => void process.off('message', handleMessage);
}

/** Sends a message to the supervisor. Without a supervisor, or if it has just ended, nothing happens. */
export function sendToSupervisor(message: ServiceMessage): void {
  process.send?.(message, undefined, undefined, () => undefined);
}

/**
 * Asks the supervisor for the socket on which this process listens. The supervisor keeps that socket open while it replaces the
 * process, so that no connection is refused.
 * @returns undefined if this process opens its socket itself
 */
export function requestListeningSocket(): Promise<ListeningHandle | undefined> {
  if (!settings.hasSocket || !process.connected) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const settle = (handle: ListeningHandle | undefined) => {
      stopListening();
      process.off('disconnect', settleWithout);
      resolve(handle);
    };
    const settleWithout = () => settle(undefined);
    const stopListening = onSupervisorMessage(({ type }, handle) => {
      if (type === 'socket') settle(handle);
    });
    process.once('disconnect', settleWithout);
    sendToSupervisor({ type: 'socket-wanted' });
  });
}

/** Tells the supervisor that this process is ready, and then at an interval that its event loop runs. */
export function reportToSupervisor(): void {
  if (!process.send) return;
  sendToSupervisor({ type: 'ready' });
  const timer = setInterval(() => sendToSupervisor({ type: 'alive' }), ALIVE_INTERVAL_MS);
  process.once('disconnect', () => clearInterval(timer));
}

let isReplaced = false;

/** Notes that another process takes the place of this one, which is about to stop. */
export function noteReplacement(): void {
  isReplaced = true;
}

/** Whether another process takes the place of this one: its stop is no outage of the service. */
export const isBeingReplaced = (): boolean => isReplaced;

let endsAt: NodeJS.Timeout | undefined;

/**
 * Handles the end of the supervisor: the service goes on for some time, so that the next `npm start` can take over without a
 * failed request. Then it stops.
 * @param isReady a service that is not ready yet stops at once
 */
export function outliveSupervisor({
  isReady,
  logger,
  stop,
}: {
  readonly isReady: boolean;
  readonly logger: Logger | undefined;
  readonly stop: (reason: string) => void;
}): void {
  const { unsupervisedLifetimeMs: lifetimeMs, dataFolder } = settings;
  if (!logger || !isReady || !(lifetimeMs > 0)) {
    stop('the supervising process is gone');
    return;
  }
  // Nobody reads the standard output any more.
  redirectLogs(join(dataFolder, `${String(logger.bindings()['name'])}.unsupervised.log`));
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  logger.warn({ lifetimeMs }, 'the supervising process is gone: waiting for another one to take over');
  endsAt = setTimeout(stop, lifetimeMs, 'no other process has taken over the supervision');
}

/** Whether the supervisor of this process has ended, and the process waits for another one. */
export const isUnsupervised = (): boolean => endsAt !== undefined;

/**
 * A new supervisor is about to take over: the lifetime without one starts again.
 * @returns undefined if this process has a supervisor, or never had one
 */
export function claimProcess(service: string): ClaimedProcess | undefined {
  if (!endsAt) return undefined;
  endsAt.refresh();
  return { service, version: SOFTWARE_VERSION, pid: process.pid, dataFolder: resolve(settings.dataFolder) };
}
