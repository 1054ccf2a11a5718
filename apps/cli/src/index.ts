/** For the tests, the benchmarks, the example app and the scripts that run after the installation. */
export { getPercentile } from './command-line/latency.js';
export { createBackup } from './commands/backup/create-backup.js';
export { restoreBackup, type RestoreOptions } from './commands/restore/restore-backup.js';
export { createOperatorClient } from './graphql/gateway-client.js';
export { checkGatewayAccess } from './graphql/graphql-client.js';
export { canInstallPackages } from './shared/bootstrap.js';
export { readDefaultSettings } from './shared/default-settings.js';
export { InterruptedError, UserFacingError, formatError } from './shared/errors.js';
export { findFreePort, findFreeServicePorts } from './shared/free-ports.js';
export { createSeededRandom, type SeededRandom } from './shared/seeded-random.js';
export { createAuthorizer, issueToken, OPERATOR_ACTOR } from './shared/identity.js';
export { loadCommandSettings, SERVICES, type ServicePorts } from './shared/installation-settings.js';
export { listenForInterrupts } from './shared/interrupts.js';
export { findCachedAddon, getMachineAddonFolder, storeAddon } from './start/addon/addon-cache.js';
export { ensureSqliteAddon, findSqliteAddonProblem, provideSqliteAddon } from './start/addon/sqlite-addon.js';
export { findPortProblems } from './start/installation/port-problems.js';
export { startTemporaryPlatform, type TemporaryPlatform } from './start/installation/temporary-platform.js';
export {
  createAptInstaller,
  ensureProgram,
  type InstallOptions,
  type ProgramInstaller,
} from './start/programs/program-installer.js';
export { findOnPath } from './start/programs/find-on-path.js';
export { runCommand } from './start/programs/run-command.js';
export {
  findInstallationRedis,
  findInstallationRedisUrl,
  prepareLocalRedis,
  stopOrphanedRedis,
} from './start/redis/local-redis.js';
export { checkConfiguredRedis, checkRedis, waitForRedis } from './start/redis/redis-connection.js';
export { ensureRedisProgram, findRedisProgram } from './start/redis/redis-program.js';
export type { Program } from './start/supervise/child-process.js';
export { startProgram, type RunningProgram } from './start/supervise/running-program.js';
export { createServiceProgram } from './start/supervise/service-program.js';
export {
  stopInOrder,
  superviseProgram,
  waitUntilStarted,
  type SupervisedProgram,
} from './start/supervise/supervisor.js';
export { prepareBalancer } from './start/topology/balancer.js';
export { createInstanceSettings } from './start/topology/instance-settings.js';
export { preparePostgresPair } from './start/topology/postgres-pair.js';
export { prepareRedisSentinels } from './start/topology/redis-sentinels.js';
export {
  findHaproxy,
  findPostgresPrograms,
  findTopologyPrograms,
  listMissingPackages,
} from './start/topology/topology-programs.js';
