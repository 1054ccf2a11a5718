import { pino, type Logger } from 'pino';
import { currentCorrelationId } from './correlation.js';

export type { Logger } from 'pino';

/** JSON lines on stdout; a line written while a request is served carries its correlation id. */
export function createLogger(service: string, level: string): Logger {
  return pino({
    name: service,
    level,
    mixin: () => {
      const correlationId = currentCorrelationId();
      return correlationId === undefined ? {} : { correlationId };
    },
  });
}
