import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';
import { prepareBatchInsert, prepareStoredRowInsert } from './batch-insert.js';

const AT = '2026-01-31T08:00:00.000Z';
const ROW_COUNTS = [...Array.from({ length: 40 }, (_, count) => count), 63, 64, 65, 99, 100, 101, 230];

let storage: TestStorage;
let statements: Set<string>;
beforeEach(async () => {
  statements = new Set();
  storage = await openTestStorage({ onStatement: (statement) => statements.add(statement) });
});
afterEach(() => storage.close());

const createRows = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    logId: String(index).padStart(3, '0'),
    endPosition: index,
    endedAt: AT,
  }));

test.each([
  {
    name: 'rows',
    prepareInsert: () => {
      const { formerEpochs } = storage.tables;
      const insert = prepareBatchInsert(storage.db, formerEpochs, (values) => values.onConflictDoNothing());
      return (rows: ReturnType<typeof createRows>) => insert.run(rows);
    },
  },
  {
    name: 'stored rows',
    prepareInsert: () => {
      const insert = prepareStoredRowInsert(storage.db, 'former_epochs', [
        'log_id',
        'end_position',
        'ended_at',
      ]);
      return (rows: ReturnType<typeof createRows>) =>
        insert(rows.map(({ logId, endPosition, endedAt }) => [logId, endPosition, endedAt]));
    },
  },
])('any number of $name is inserted, with few statements', async ({ prepareInsert }) => {
  const { formerEpochs } = storage.tables;
  const insert = prepareInsert();
  for (const count of ROW_COUNTS) {
    const rows = createRows(count);
    await insert(rows);
    expect(await storage.db.select().from(formerEpochs).orderBy(formerEpochs.logId)).toStrictEqual(rows);
    await storage.db.delete(formerEpochs);
  }
  const inserts = [...statements].filter((statement) => /insert into "?former_epochs/.test(statement));
  expect(inserts.length).toBeGreaterThan(0);
  expect(inserts.length).toBeLessThan(20);
});
