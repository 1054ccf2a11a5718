import { inspect } from 'node:util';

/**
 * A logger of the application: `console`, winston, loglevel, pino or any other with these methods. It receives one text, which
 * ends with the details. Only a pino logger receives the details as an object, which it logs as properties of the line.
 */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** How the executor logs: details that clients must not see, and a message. */
export interface StructuredLogger {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** Every pino logger has this property, also a child logger and one of another copy of pino. */
const PINO_SERIALIZERS = Symbol.for('pino.serializers');

/** Adapts a logger of the application. */
export function toStructuredLogger(logger: Logger): StructuredLogger {
  if (PINO_SERIALIZERS in logger) return logger as object as StructuredLogger;
  return {
    debug: (details, message) => logger.debug(formatLogLine(details, message)),
    info: (details, message) => logger.info(formatLogLine(details, message)),
    warn: (details, message) => logger.warn(formatLogLine(details, message)),
    error: (details, message) => logger.error(formatLogLine(details, message)),
  };
}

const formatLogLine = (details: object, message: string): string =>
  `${message} ${inspect(details, { breakLength: Infinity, compact: true, depth: 5 })}`;

/** Returns the logger of an operation's context, or else the given one. Call it only when there is something to log. */
export const selectLogger = (
  { logger }: { readonly logger?: (() => Logger) | undefined },
  defaultLogger: StructuredLogger,
): StructuredLogger => (logger ? toStructuredLogger(logger()) : defaultLogger);
