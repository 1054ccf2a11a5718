import { expect, it } from 'vitest';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';
import { createRuleInput } from '../testing/fixtures.js';

/** @returns a function that returns the steps of SQLite's plan of a statement */
const createExplainer =
  ({ sqlite }: TestStorage) =>
  (statement: string) =>
    sqlite
      .prepare<unknown[], { detail: string }>(`explain query plan ${statement.replaceAll('?', '1')}`)
      .all();

it('recording readings and running due jobs scan no large table, and compile no statement again', async () => {
  const statements = new Set<string>();
  const test = await openTestStorage({ onStatement: (statement) => statements.add(statement) });
  const now = Date.now();
  const at = (seconds: number) => new Date(now + seconds * 1_000).toISOString();
  const record = (id: string, state: 'OPEN' | 'CLOSED', seconds: number) =>
    test.commands.recordReadings({
      userId: 'ana',
      readings: [{ id, opening: 'Shop', state, at: at(seconds) }],
    });
  await test.commands.createRule(createRuleInput({ maxOpenSeconds: 1, effectiveFrom: at(-3_600) }));
  await record('a', 'OPEN', -100);
  await record('b', 'CLOSED', -50);
  await record('c', 'CLOSED', -60);
  await record('d', 'OPEN', -80);
  await record('e', 'OPEN', 60);
  await test.storage.dueJobs.runSome();
  await test.storage.dueJobs.findNextDueAt();

  const explained = [...statements].filter((statement) => /^(select|update|delete)/.test(statement));
  expect(explained.length).toBeGreaterThan(15);
  const explain = createExplainer(test);
  const scans = explained.flatMap((statement) =>
    explain(statement)
      .map(({ detail }) => ({ statement, detail }))
      .filter(({ detail }) => detail.startsWith('SCAN')),
  );
  // Tables of few rows, and scans of an index that stop at its first entries.
  const small =
    /^SCAN (log|log_horizon|former_epochs|zone_data|catch_ups|unevaluated_episodes|CONSTANT ROW|one|\(subquery-\d+\)|json_each VIRTUAL TABLE INDEX 1:)$|USING (COVERING )?INDEX/;
  expect(scans.filter(({ detail }) => !small.test(detail))).toEqual([]);
  // SQLite would compile such a statement for each execution (`createPreparedLimit`).
  expect(explained.filter((statement) => / limit \?($|\))/.test(statement))).toEqual([]);
  await test.close();
});

it('removing old history seeks the readings and intervals of an opening, however many it keeps', async () => {
  const statements = new Set<string>();
  const test = await openTestStorage({ onStatement: (statement) => statements.add(statement) });
  const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
  const readings = [-50, -40, -1].map((hours, index) => ({
    id: `r${index}`,
    opening: 'Shop',
    at: at(hours),
  }));
  await test.commands.recordReadings({
    userId: 'ana',
    readings: readings.map((one, index) => ({ ...one, state: index % 2 === 0 ? 'OPEN' : 'CLOSED' })),
  });
  statements.clear();
  await test.storage.compaction.run({ before: at(-24) });

  const removals = [...statements].filter((statement) =>
    /^delete from .(readings|intervals)/.test(statement),
  );
  expect(removals).toHaveLength(2);
  const explain = createExplainer(test);
  const plans = [...statements]
    .filter((statement) => /from .(readings|intervals)/.test(statement))
    .flatMap((statement) => explain(statement))
    .map(({ detail }) => detail)
    .filter((detail) => /(readings|intervals) USING/.test(detail));
  expect(plans).not.toEqual([]);
  expect(plans.filter((detail) => !/opening_id=\? AND (code|signal)=\?|readings_early/.test(detail))).toEqual(
    [],
  );
  await test.close();
});
