export * from './allowance.js';
export * from './audit-summaries.js';
export * from './canonical-json.js';
export * from './device-identity.js';
export * from './duration-histogram.js';
export * from './graphql-error-formatter.js';
export * from './heartbeat-sender.js';
export * from './http-server.js';
export {
  AUTHORIZATION_HEADER,
  createIdentityService,
  hasAuthorization,
  parseBearerToken,
  type IdentityService,
  type TokenCacheStatistics,
} from './identity-service.js';
export * from './installation.js';
export * from './instance-rotation.js';
export * from './live-source.js';
export * from './log-entry-spans.js';
export * from './log-follower.js';
export * from './log-lag.js';
export * from './log-line-limit.js';
export * from './logger.js';
export * from './metrics-registry.js';
export * from './metrics-route.js';
export * from './parse-whole-number.js';
export * from './process-metrics.js';
export * from './redis.js';
export * from './redis-connections.js';
export * from './request-lifetime.js';
export * from './run-service.js';
export * from './run-with-timeout.js';
export * from './settings.js';
export * from './delegated-calls.js';
export * from './postgres-connection.js';
export * from './postgres-migrations.js';
export * from './postgres-url.js';
export * from './prepared-statement.js';
export * from './sql-connection.js';
export * from './sql-dialect.js';
export * from './shared-identity.js';
export * from './sqlite-damage.js';
export * from './sqlite-database.js';
export * from './sqlite-file-watch.js';
export * from './stop-steps.js';
export * from './start-tracing.js';
export * from './storage-errors.js';
export * from './store-copy.js';
export { CopyStoppedError, type TableCopyResult } from './store-copy-pages.js';
export * from './store-copy-record.js';
export { listCopiedTables, quoteName, type CopiedTable } from './store-copy-tables.js';
export * from './storage-watch.js';
export * from './subgraph-server.js';
export * from './supervision.js';
export * from './supervision-messages.js';
export * from './text-sealer.js';
export * from './tracing.js';
export type { Caller } from './token-verifier.js';
export * from './table-builders.js';
export * from './zod-columns.js';
