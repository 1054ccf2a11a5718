import { AsyncLocalStorage } from 'node:async_hooks';
import { pino, type Logger } from 'pino';

/** A pino logger. */
export type { Logger } from 'pino';

/** The correlation id of the request that the current asynchronous context handles, so that log lines carry it. */
export const correlationIdStorage = new AsyncLocalStorage<string>();

/**
 * Creates a logger that writes JSON lines to stdout. Lines written while a request is handled carry its correlation id.
 * @param level a value of the setting `LOG_LEVEL`
 */
export function createLogger(service: string, level: string): Logger {
  return pino({
    name: service,
    level,
    mixin: () => {
      const correlationId = correlationIdStorage.getStore();
      return correlationId === undefined ? {} : { correlationId };
    },
  });
}
