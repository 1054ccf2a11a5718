import { AsyncLocalStorage } from 'node:async_hooks';
import { levels, pino, type DestinationStream, type LogFn, type Logger, type LoggerOptions } from 'pino';
import { REDACTED, redactLogLine, SECRET_PATHS, serializeLoggedError } from './log-redaction.js';
import { createRepeatedLogLines } from './repeated-log-lines.js';
import { activeSpanStorage } from './tracing.js';

/** A pino logger. */
export type { Logger } from 'pino';

/** The correlation id of the request that the current asynchronous context handles, so that log lines carry it. */
export const correlationIdStorage = new AsyncLocalStorage<string>();

/** What a logger and its children have logged. */
export interface LogStatistics {
  /** Lines by the name of their level, with the omitted ones. */
  readonly lines: Readonly<Record<string, number>>;
  readonly omittedLines: number;
}

const statisticsByLogger = new WeakMap<Logger, LogStatistics>();
const NOTHING_LOGGED: LogStatistics = { lines: {}, omittedLines: 0 };

/** Returns the live statistics of a logger that {@link createLogger} has created. */
export const getLogStatistics = (logger: Logger): LogStatistics =>
  statisticsByLogger.get(logger) ?? NOTHING_LOGGED;

/** Where all loggers of this process write. */
let output = pino.destination({ fd: 1, sync: true });

/** Writes the lines of all loggers to a file from now on. Its owner alone can read it. */
export function redirectLogs(file: string): void {
  output = pino.destination({ dest: file, append: true, sync: true, mode: 0o600 });
}

/** A logger keeps its destination, so that this one writes to the present output. */
const currentOutput = { write: (line: string) => void output.write(line) };

/**
 * Creates a logger that writes one JSON line for each event to stdout. Lines written while a request is handled carry its correlation
 * id and, with tracing, the ids of its trace and span. Secrets are replaced. Of equal messages, 60 in a minute are written; a line at the end of the minute says how many were left
 * out. Lines of the levels debug, trace and fatal are all written.
 * @param level a value of the setting `LOG_LEVEL`
 * @param destination @default stdout, or the file of {@link redirectLogs}
 */
export function createLogger(
  service: string,
  level: string,
  destination: DestinationStream = currentOutput,
): Logger {
  const statistics = { lines: createLineCounts(), omittedLines: 0 };
  const repeatedLines = createRepeatedLogLines((omitted) =>
    logger.warn({ repeated: omitted.message, omittedLines: omitted.omittedLines }, OMITTED_MESSAGE),
  );
  const options: LoggerOptions = {
    name: service,
    level,
    redact: { paths: [...SECRET_PATHS], censor: REDACTED },
    serializers: { err: (error: unknown) => serializeLoggedError(error) },
    formatters: { log: redactLogLine },
    hooks: {
      logMethod(args, method, levelValue) {
        const label = levels.labels[levelValue] ?? 'other';
        statistics.lines[label] = (statistics.lines[label] ?? 0) + 1;
        if (isLimited(levelValue) && !repeatedLines.mayLog(levelValue, findMessage(args))) {
          statistics.omittedLines += 1;
          return;
        }
        method.apply(this, args);
      },
    },
    mixin: () => {
      const correlationId = correlationIdStorage.getStore();
      const span = activeSpanStorage.getStore();
      return {
        ...(correlationId !== undefined && { correlationId }),
        ...(span && { traceId: span.traceId, spanId: span.spanId }),
      };
    },
  };
  const logger: Logger = pino(options, destination);
  statisticsByLogger.set(logger, statistics);
  return logger;
}

const OMITTED_MESSAGE = 'repeated log lines were left out';

const createLineCounts = (): Record<string, number> => ({ info: 0, warn: 0, error: 0, fatal: 0 });

/** Pino's numbers of these levels. */
const INFO_LEVEL = 30;
const FATAL_LEVEL = 60;

const isLimited = (level: number): boolean => level >= INFO_LEVEL && level < FATAL_LEVEL;

/** The message is the first text among the arguments of a call. */
const findMessage = (args: Parameters<LogFn>): string =>
  (args as readonly unknown[]).find((arg) => typeof arg === 'string') ?? '';
