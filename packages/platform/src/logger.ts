import { pino, type Logger } from 'pino';
import { getCurrentCorrelationId } from './correlation.js';

/** A pino logger. */
export type { Logger } from 'pino';

/**
 * Creates a logger that writes JSON lines to stdout. Lines written while a request is handled carry its correlation id.
 * @param level a value of the setting `LOG_LEVEL`
 */
export function createLogger(service: string, level: string): Logger {
  return pino({
    name: service,
    level,
    mixin: () => {
      const correlationId = getCurrentCorrelationId();
      return correlationId === undefined ? {} : { correlationId };
    },
  });
}
