/** Receives log lines with details that clients must not see. Compatible with pino and `console`. */
export interface Logger {
  debug(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}
