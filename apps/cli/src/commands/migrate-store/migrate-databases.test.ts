import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { copyDatabase } from './copy-database.js';
import { migrateDatabases } from './migrate-databases.js';

/** Copies nothing. */
const copy = vi.fn<typeof copyDatabase>((service, { isFinishing }) =>
  Promise.resolve({
    tables: 3,
    rows: 7,
    copiedRows: 5,
    isComplete: isFinishing,
    ...(service === 'monitoring' && { position: 9 }),
  }),
);

const DATABASE_URL = 'postgresql://seguridad@db.internal/seguridad';
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => void (folder = temporaryFolder()));
afterEach(() => {
  folder.remove();
  copy.mockClear();
});

/** Migrates a data folder with the files of some services. */
async function migrate(services: readonly string[], isFinishing = false): Promise<string> {
  for (const service of services) writeFileSync(join(folder.path, `${service}.sqlite`), '');
  const lines: string[] = [];
  const request = { folder: folder.path, databaseUrl: DATABASE_URL, isFinishing };
  await migrateDatabases(request, { copy, print: (line) => void lines.push(line) });
  return lines.join('\n');
}
const listCopied = () => copy.mock.calls.map(([service, request]) => [service, request]);

it('copies the databases that the data folder has, that of monitoring first', async () => {
  const output = await migrate(['heartbeat', 'monitoring', 'reports'], true);
  const request = { folder: folder.path, databaseUrl: DATABASE_URL, isFinishing: true };
  expect(listCopied()).toEqual([
    ['monitoring', request],
    ['heartbeat', request],
  ]);
  expect(output).toContain('7 rows of 3 tables of monitoring, and the event log up to position 9.');
  expect(output).toContain(
    '7 rows of 3 tables of heartbeat. The SQLite file is now heartbeat.migrated.sqlite.',
  );
});

it('copies one of them, if the services have different data folders', async () => {
  expect(await migrate(['heartbeat'])).toBe('5 rows of heartbeat are copied.');
  expect(listCopied()).toMatchObject([['heartbeat', { isFinishing: false }]]);
});

it('does not complete heartbeat if monitoring cannot be completed', async () => {
  copy.mockRejectedValueOnce(new Error('monitoring runs'));
  await expect(migrate(['heartbeat', 'monitoring'], true)).rejects.toThrow('monitoring runs');
  expect(listCopied()).toHaveLength(1);
});

it('asks again about a database that was moved, because that may have been interrupted', async () => {
  copy.mockResolvedValueOnce(null);
  writeFileSync(join(folder.path, 'monitoring.migrated.sqlite'), '');
  const output = await migrate(['heartbeat'], true);
  expect(listCopied()).toMatchObject([
    ['monitoring', {}],
    ['heartbeat', {}],
  ]);
  expect(output).toContain('The database of monitoring was moved already.');
});

it('needs a data folder with a database', async () => {
  await expect(migrate([])).rejects.toThrow('has no SQLite database to copy');
});
