/**
 * What a thread needs that works on a database: files of SQLite, columns, pseudonyms, errors and log lines. The whole package
 * loads the server libraries too, which takes longer than the thread needs for most of its work.
 */
export { createUserPseudonym } from './audit-chain.js';
export { getErrorMessage } from './errors.js';
export * from './instance-rotation.js';
export { createCheckpoint, type LogCheckpoint } from './live-source.js';
export { createLogger, type Logger } from './logger.js';
export * from './run-with-timeout.js';
export * from './prepared-statement.js';
export * from './sql-connection.js';
export * from './sql-dialect.js';
export * from './sqlite-damage.js';
export * from './sqlite-database.js';
export * from './table-builders.js';
export * from './sqlite-files.js';
export * from './zod-columns.js';
