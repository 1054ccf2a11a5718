import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@seguridad-abc/platform';

/** @template T @param {string} path @returns {Promise<T>} a module of the built monitoring app */
async function importBuilt(path) {
  const url = new URL(`../../apps/monitoring/dist/${path}`, import.meta.url).href;
  const module = /** @type {unknown} */ (await import(url));
  return /** @type {T} */ (module);
}

/**
 * Opens the command handler of the built monitoring app with a new database file (synchronous=FULL).
 * @param {{ maxGroup: number, logLevel: 'silent' | 'error' }} options `maxGroup`: maximum number of commands in one commit
 */
export async function openMonitoringCommands({ maxGroup, logLevel }) {
  const { openMonitoringDatabase } = /** @type {typeof import('../../apps/monitoring/src/db/open.js')} */ (
    await importBuilt('db/open.js')
  );
  const { createStores } = /** @type {typeof import('../../apps/monitoring/src/stores.js')} */ (
    await importBuilt('stores.js')
  );
  const { commandsFactory } = /** @type {typeof import('../../apps/monitoring/src/commands/commands.js')} */ (
    await importBuilt('commands/commands.js')
  );
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const database = openMonitoringDatabase(folder);
  const now = () => new Date().toISOString();
  const stores = createStores(database.db, {
    maxGroup,
    allowanceMs: 0,
    zoneData: '',
    now,
    appended: () => undefined,
    logger: createLogger('bench', logLevel),
  });
  let ruleCount = 0;
  const createCommands = commandsFactory({ ...stores, now, newId: () => `rule-${String(++ruleCount)}` });
  return {
    commands: createCommands({ id: 'bench', role: 'operator' }),
    sqlite: database.db.$client,
    /** Starts the timers that raise alarms. */
    startTimers: () => stores.timekeeper.start(),
    async close() {
      await stores.timekeeper.stop();
      database.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof openMonitoringCommands>>} MonitoringCommands */
