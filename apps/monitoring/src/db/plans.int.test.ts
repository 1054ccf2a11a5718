import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { openTestLog } from '../testing/log.js';
import { validRule } from '../testing/rules.js';

it('a reading is recorded and judged by indices alone, and so is what falls due', async () => {
  const statements = new Set<string>();
  const test = openTestLog({ onStatement: (statement) => statements.add(statement) });
  const now = Date.now();
  const at = (seconds: number) => new Date(now + seconds * 1_000).toISOString();
  const record = (id: string, state: 'OPEN' | 'CLOSED', seconds: number) =>
    test.commands.recordReadings({
      userId: 'ana',
      readings: [{ id, opening: 'Shop', state, at: at(seconds) }],
    });
  await test.commands.createRule(validRule({ maxOpenSeconds: 1, effectiveFrom: at(-3_600) }));
  await record('a', 'OPEN', -100);
  await record('b', 'CLOSED', -50);
  await record('c', 'CLOSED', -60);
  await record('d', 'OPEN', -80);
  await record('e', 'OPEN', 60);
  await test.stores.agenda.work();
  test.stores.agenda.next();

  const asked = [...statements].filter((statement) => /^(select|update|delete)/.test(statement));
  expect(asked.length).toBeGreaterThan(15);
  const scans = asked.flatMap((statement) =>
    test.db
      .all<{ detail: string }>(sql.raw(`explain query plan ${statement.replaceAll('?', '1')}`))
      .map(({ detail }) => ({ statement, detail }))
      .filter(({ detail }) => detail.startsWith('SCAN')),
  );
  // Tables of a row or so, and the first entries of an index.
  const small = /^SCAN (log|zone_data|catch_ups)$|USING (COVERING )?INDEX/;
  expect(scans.filter(({ detail }) => !small.test(detail))).toEqual([]);
  await test.close();
});
