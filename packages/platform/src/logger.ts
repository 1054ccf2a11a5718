import { AsyncLocalStorage } from 'node:async_hooks';
import { pino, type Logger } from 'pino';

/** A pino logger. */
export type { Logger } from 'pino';

/** The correlation id of the request that the current asynchronous context handles, so that log lines carry it. */
export const correlationIdStorage = new AsyncLocalStorage<string>();

/** Where all loggers of this process write. */
let destination = pino.destination({ fd: 1, sync: true });

/** Writes the lines of all loggers to a file from now on. Its owner alone can read it. */
export function redirectLogs(file: string): void {
  destination = pino.destination({ dest: file, append: true, sync: true, mode: 0o600 });
}

const currentDestination = { write: (line: string) => void destination.write(line) };

/**
 * Creates a logger that writes JSON lines to stdout. Lines written while a request is handled carry its correlation id.
 * @param level a value of the setting `LOG_LEVEL`
 */
export function createLogger(service: string, level: string): Logger {
  return pino(
    {
      name: service,
      level,
      mixin: () => {
        const correlationId = correlationIdStorage.getStore();
        return correlationId === undefined ? {} : { correlationId };
      },
    },
    currentDestination,
  );
}
