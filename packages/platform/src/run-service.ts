import { existsSync } from 'node:fs';
import { errorMessage, StartError } from './errors.js';
import type { Logger } from './logger.js';
import type { Environment } from './settings.js';

/** One service in one process. `stop` after a failed `start` must be harmless. */
export interface Service {
  readonly logger: Logger;
  /** Resolves when the service answers. */
  start(): Promise<void>;
  /** Ends what it does in order: takes nothing new, finishes what it has, closes. */
  stop(): Promise<void>;
}

/** A stop that takes longer is cut short: what counts is in SQLite by then. */
const STOP_TIMEOUT_MS = 10_000;

/**
 * Runs a service as this process: env → create → start → stop. SIGINT, SIGTERM and the end of a supervising parent
 * stop it in order. What keeps it from starting is one sentence on stderr and exit code 1.
 */
export async function runService(create: (env: Environment) => Service): Promise<void> {
  let service: Service | undefined;
  let stopping = false;

  const stop = async (why: string, code: number) => {
    if (stopping) return;
    stopping = true;
    service?.logger.info({ why }, 'stopping');
    setTimeout(() => {
      service?.logger.error(`did not stop within ${STOP_TIMEOUT_MS} ms`);
      process.exit(1);
    }, STOP_TIMEOUT_MS).unref();
    try {
      await service?.stop();
    } catch (error) {
      service?.logger.error({ err: error }, 'the stop failed');
      process.exit(1);
    }
    process.exit(code);
  };
  const crash = (error: unknown) => {
    // Connections that a stop cuts reject under whoever still waits for them.
    if (stopping) return;
    if (service) service.logger.fatal({ err: error }, 'an error that nobody handles');
    else console.error(error);
    void stop('error', 1);
  };

  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(signal, 0));
  process.on('disconnect', () => void stop('the supervisor is gone', 0));

  try {
    if (existsSync('.env')) process.loadEnvFile('.env');
    // Nobody is reported to: @apollo/gateway would tell its maker, and ask cloud metadata addresses for it at start.
    process.env['APOLLO_TELEMETRY_DISABLED'] ??= 'true';
    service = create(process.env);
    await service.start();
    process.send?.('ready');
  } catch (error) {
    const start = asStartError(error);
    if (!start) {
      crash(error);
      return;
    }
    console.error(start.message);
    await stop('could not start', 1);
  }
}

/** The faults of a start that are the machine's, not ours. */
function asStartError(error: unknown): StartError | undefined {
  if (error instanceof StartError) return error;
  const { code, path, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const where = `${address ?? ''}:${port ?? ''}`;
  switch (code) {
    case 'EADDRINUSE':
      return new StartError(`${where} is in use by another program.`);
    case 'EADDRNOTAVAIL':
      return new StartError(`This machine has no address ${where} to listen on.`);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new StartError(`No permission for ${path ?? where}: ${errorMessage(error)}.`);
    default:
      return undefined;
  }
}
