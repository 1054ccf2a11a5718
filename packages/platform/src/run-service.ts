import { existsSync } from 'node:fs';
import { getErrorMessage, StartError } from './errors.js';
import type { Logger } from './logger.js';
import type { EnvironmentVariables } from './settings.js';
import {
  isUnsupervised,
  noteReplacement,
  onSupervisorMessage,
  outliveSupervisor,
  readSupervisionSettings,
  reportToSupervisor,
} from './supervision.js';

/** One service in one process. `stop` is safe after a failed `start`. */
export interface Service {
  readonly logger: Logger;
  /** Resolves when the service accepts requests. */
  start(): Promise<void>;
  /**
   * Prepares the stop of a process while others serve its clients: accepts no new connection, and lets clients finish.
   * @default nothing to prepare
   */
  drain?(): Promise<void>;
  /** Shuts down in order: accepts nothing new, finishes work in progress, closes connections. */
  stop(): Promise<void>;
}

/** Files and folders that a service creates are for its own user only: databases hold personal data. */
const OWNER_ONLY_UMASK = 0o077;

/** How long a service that is replaced may take to let its clients finish. */
const DRAIN_TIMEOUT_MS = 8_000;

/** A longer shutdown is cut off. Durable data is in SQLite by then. */
const STOP_TIMEOUT_MS = 10_000;

/**
 * Runs a service as this process: read the environment, create, start, stop.
 *
 * SIGINT and SIGTERM stop the service, and so does a supervising parent process whose other process has replaced it. SIGTERM of a
 * process manager lets clients finish before. Without the supervising process it goes on for some time, see
 * {@link outliveSupervisor}. If it cannot start, the reason goes to
 * stderr and the exit code is 1. A stop during the start is normal: nothing is printed. An unhandled error is logged and
 * stops the service, also with exit code 1. Only the user that runs the process can read the files it creates.
 * @param create reads the configuration and wires the service; may throw {@link StartError}
 */
export async function runService(create: (env: EnvironmentVariables) => Service): Promise<void> {
  let service: Service | undefined;
  let isStopping = false;
  let isReady = false;

  const stop = async (reason: string, exitCode: number) => {
    if (isStopping) return;
    isStopping = true;
    service?.logger.info({ reason }, 'stopping');
    setTimeout(() => {
      service?.logger.error(`the service did not stop within ${STOP_TIMEOUT_MS} ms; exiting`);
      process.exit(1);
    }, STOP_TIMEOUT_MS).unref();
    try {
      await service?.stop();
    } catch (error) {
      service?.logger.error({ err: error }, 'the service did not stop cleanly');
      process.exit(1);
    }
    process.exit(exitCode);
  };
  let isDraining = false;
  const drainAndStop = async (reason: string) => {
    // A second signal ends the wait.
    if (isDraining) return stop(reason, 0);
    isDraining = true;
    service?.logger.info({ reason }, 'finishing the requests in flight');
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, DRAIN_TIMEOUT_MS)));
    try {
      await Promise.race([service?.drain?.(), timeout]);
    } catch (error) {
      service?.logger.error({ err: error }, 'the service did not finish its requests');
    }
    clearTimeout(timer);
    await stop(reason, 0);
  };
  const stopReplaced = (isHeld: boolean) => {
    noteReplacement();
    const reason = 'replaced by another process';
    void (isHeld ? stop(reason, 0) : drainAndStop(reason));
  };
  const crash = (error: unknown) => {
    // A shutdown closes connections, and pending operations on them reject.
    if (isStopping) return;
    if (service) service.logger.fatal({ err: error }, 'unhandled error; stopping');
    else console.error(error);
    void stop('unhandled error', 1);
  };
  const reportStartError = ({ message }: StartError) => {
    // A service that is stopped during its start cannot start, which is normal.
    if (!isStopping) console.error(message);
  };

  process.umask(OWNER_ONLY_UMASK);
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // Without its supervisor, another process takes over.
      if (isUnsupervised()) stopReplaced(false);
      // A process manager runs other instances. A supervisor stops the others too, and so does a person at a terminal.
      else if (signal === 'SIGTERM' && !process.send && isReady) void drainAndStop(signal);
      else void stop(signal, 0);
    });
  }
  process.on('disconnect', () =>
    outliveSupervisor({
      isReady: isReady && !isStopping,
      logger: service?.logger,
      stop: (reason) => void stop(reason, 0),
    }),
  );
  onSupervisorMessage((message) => {
    if (message.type === 'drain') stopReplaced(message.isHeld === true);
  });

  try {
    if (existsSync('.env')) process.loadEnvFile('.env');
    // Without this, @apollo/gateway reports to Apollo and queries cloud metadata addresses at start.
    process.env['APOLLO_TELEMETRY_DISABLED'] ??= 'true';
    readSupervisionSettings(process.env);
    service = create(process.env);
    await service.start();
    isReady = true;
    reportToSupervisor();
  } catch (error) {
    const startError = toStartError(error);
    if (!startError) {
      crash(error);
      return;
    }
    reportStartError(startError);
    await stop('the service could not start', 1);
  }
}

/** Turns failures that the environment causes into a {@link StartError}. Undefined for all others. */
function toStartError(error: unknown): StartError | undefined {
  if (error instanceof StartError) return error;
  const { code, path, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const socketAddress = `${address ?? ''}:${port ?? ''}`;
  switch (code) {
    case 'EADDRINUSE':
      return new StartError(
        `${socketAddress} is in use by another program. Stop that program, or configure another port.`,
      );
    case 'EADDRNOTAVAIL':
      return new StartError(
        `This machine has no address ${socketAddress} to listen on. Set HOST to one of its addresses.`,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new StartError(
        `Permission denied for ${path ?? socketAddress}: ${getErrorMessage(error)}. Grant access, or configure another location.`,
      );
    default:
      return undefined;
  }
}
