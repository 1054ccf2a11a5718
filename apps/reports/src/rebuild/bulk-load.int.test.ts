import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { LogEntry } from '@seguridad-abc/contracts';
import { createLogger, createUserPseudonym } from '@seguridad-abc/platform';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openReportsFile } from '../db/reports-database.js';
import { createSqliteProjectionStore } from '../db/sqlite-projection-store.js';
import { createReadModelUpdater } from '../projector/read-model-updater.js';
import { buildLog, buildRuleCreated } from '../testing/log-entries.js';
import { buildMixedLog } from '../testing/mixed-log.js';
import { dumpReadModel } from '../testing/read-model-dump.js';
import { loadLogInBulk } from './bulk-load.js';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => void (folder = temporaryFolder()));
afterEach(() => folder.remove());
const getFile = (name: string) => join(folder.path, name);
const logger = createLogger('test', 'silent');

/** Loads a log in pages of at most 7 entries. */
async function load(log: readonly LogEntry[], upTo = log.length) {
  const file = getFile('bulk.sqlite');
  const positions: number[] = [];
  await loadLogInBulk({
    file,
    logId: 'log-1',
    upTo,
    readPage: ({ position: after }, limit) =>
      Promise.resolve({
        logId: log[0]!.logId,
        head: log.length,
        entries: log.slice(after, after + Math.min(limit, 7)),
      }),
    onProgress: (position) => void positions.push(position),
    logger,
  });
  return { file, positions };
}

/** Projects a log as the projector does. */
async function project(log: readonly LogEntry[]) {
  const file = getFile('projected.sqlite');
  const database = openReportsFile(file);
  const updater = createReadModelUpdater({
    store: createSqliteProjectionStore(database.db),
    onCommitted: () => undefined,
    publish: () => Promise.resolve(),
    logger,
  });
  await updater.load();
  await updater.apply(log, { logId: 'log-1', position: log.length });
  database.close();
  return file;
}

it('a bulk load has the same records, checkpoint and indexes as the projector', async () => {
  const log = buildMixedLog(400);
  const { file, positions } = await load(log);
  expect(dumpReadModel(file)).toEqual(dumpReadModel(await project(log)));
  expect(positions.at(-1)).toBe(400);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('a bulk load ends at the requested position', async () => {
  const log = buildMixedLog(400);
  const { file } = await load(log, 123);
  expect(dumpReadModel(file)).toEqual(dumpReadModel(await project(log.slice(0, 123))));
});

it('an erasure takes effect between the entries before and after it', async () => {
  const salt = 'c2FsdA';
  const log = buildLog([
    buildRuleCreated({ id: 'before', userId: 'ana' }),
    { type: 'UserErased', version: 1, data: { pseudonym: createUserPseudonym(salt, 'ana'), salt } },
    buildRuleCreated({ id: 'after', userId: 'ana' }),
  ]);
  const { file } = await load(log);
  expect(dumpReadModel(file)).toEqual(dumpReadModel(await project(log)));
  expect(JSON.stringify(dumpReadModel(file)['rules'])).toMatch(/after/);
  expect(JSON.stringify(dumpReadModel(file)['rules'])).not.toMatch(/before/);
});

it('a bulk load fails if the log was replaced meanwhile', async () => {
  await expect(load(buildLog([buildRuleCreated()], 'log-2'))).rejects.toThrow('log has changed');
});
