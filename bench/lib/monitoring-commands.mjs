import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importBuilt } from './import-built.mjs';

const { createLogger } = /** @type {typeof import('@seguridad-abc/platform')} */ (
  await importBuilt('@seguridad-abc/platform')
);

/** Imports a module of the built monitoring app. @param {string} path */
const importMonitoring = (path) =>
  importBuilt(new URL(`../../apps/monitoring/dist/${path}`, import.meta.url).href);

/**
 * Opens the command handler of the built monitoring app with a new database file (synchronous=FULL).
 * @param {{ maxGroup: number, logLevel: 'silent' | 'error', getClock?: () => number }} options `maxGroup`: maximum number of
 * commands in one commit; `getClock`: the server's instant in ms since 1970, default: the system's clock
 */
export async function openMonitoringCommands({ maxGroup, logLevel, getClock = Date.now }) {
  const { openMonitoringDatabase } =
    /** @type {typeof import('../../apps/monitoring/src/db/monitoring-database.js')} */ (
      await importMonitoring('db/monitoring-database.js')
    );
  const { createMonitoringStorage } = /** @type {typeof import('../../apps/monitoring/src/storage.js')} */ (
    await importMonitoring('storage.js')
  );
  const { createRuleCommands } =
    /** @type {typeof import('../../apps/monitoring/src/rules/rule-commands.js')} */ (
      await importMonitoring('rules/rule-commands.js')
    );
  const { createReadingCommands } =
    /** @type {typeof import('../../apps/monitoring/src/readings/reading-commands.js')} */ (
      await importMonitoring('readings/reading-commands.js')
    );
  const { getQuotas, readMonitoringConfig } =
    /** @type {typeof import('../../apps/monitoring/src/config.js')} */ (await importMonitoring('config.js'));
  const config = readMonitoringConfig({});
  const quotas = getQuotas(config);
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const database = openMonitoringDatabase(folder);
  const now = () => new Date(getClock()).toISOString();
  const storage = await createMonitoringStorage(database, {
    maxGroupSize: maxGroup,
    latenessAllowanceMs: 0,
    quotas,
    zoneDataVersion: '',
    now,
    appended: { notify: () => undefined },
    logger: createLogger('bench', logLevel),
  });
  let ruleCount = 0;
  const ruleCommands = createRuleCommands(storage.rules, () => `rule-${String(++ruleCount)}`);
  const readingCommands = createReadingCommands(storage.readings, {
    hasOpening: storage.hasOpening,
    quotas: storage.readingQuotas,
    latenessMs: quotas.latenessMs,
    notBefore: config.READINGS_NOT_BEFORE,
    horizon: storage.horizon,
    now,
  });
  const caller = /** @type {const} */ ({ id: 'bench', role: 'operator' });
  return {
    /** @param {import('../../apps/monitoring/src/domain/rule-decisions.js').CreateRuleCommand} input */
    createRule: (input) => ruleCommands.createRule(caller, input),
    /** @param {Parameters<typeof readingCommands.recordReadings>[1]['readings']} readings */
    recordReadings: (readings) => readingCommands.recordReadings(caller, { readings }),
    /** @param {import('../../apps/monitoring/src/compaction/log-compaction.js').CompactionRequest} request */
    compact: (request) => storage.compaction.run(request),
    sqlite: database.client,
    /** Starts the timers that raise alarms. */
    startTimers: () => storage.scheduler.start(),
    async close() {
      await storage.scheduler.stop();
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof openMonitoringCommands>>} MonitoringCommands */
