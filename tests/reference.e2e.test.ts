import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WEEKDAYS } from '@seguridad-abc/contracts';
import { eventually } from '@seguridad-abc/platform/testing';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executeOperation } from './harness/graphql-clients.js';
import { startTestPlatform, type TestPlatform } from './harness/test-platform.js';
import { getInstallationEnv, runCommand } from './harness/script-process.js';

/** Folder with real rules, which are not part of the project. */
const folder = process.env['REFERENCE_DATA'];
if (!folder) console.warn('REFERENCE_DATA is not set: the test of the reference data is skipped.');

const toNullable = (cell: string) => (cell === '' ? null : cell);

describe.skipIf(!folder)('the rules of the reference data', () => {
  let platform: TestPlatform;
  beforeAll(async () => void (platform = await startTestPlatform()));
  afterAll(() => platform.close());

  it('can be created with createRule and read with rules', async () => {
    const rows = parse<Record<string, string>>(readFileSync(join(folder ?? '', 'home-a.rules.csv')), {
      columns: true,
    });
    expect(rows.length).toBeGreaterThan(0);
    const sent = rows.map((row) => ({
      userId: 'home-a',
      name: row['name'],
      opening: row['opening'],
      opensAt: toNullable(row['opensAt'] ?? ''),
      closesAt: toNullable(row['closesAt'] ?? ''),
      days: (row['days'] ?? '').split('|').filter(Boolean),
      maxOpenSeconds: row['maxOpenSeconds'] ? Number(row['maxOpenSeconds']) : null,
      timeZone: row['timeZone'],
      effectiveFrom: '2010-01-01T00:00:00.000Z',
    }));
    for (const input of sent) {
      const result = await executeOperation(
        platform.url,
        `mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }`,
        { input },
      );
      expect(result.errors).toBeUndefined();
    }
    await eventually(async () => {
      const { data } = await executeOperation<{ user: { rules: { nodes: unknown[] } } }>(
        platform.url,
        `{ user(id: "home-a") { rules { nodes {
          name opening opensAt closesAt days maxOpenSeconds timeZone effectiveFrom user { id } } } } }`,
      );
      // Without hours, days have no meaning: all seven are returned.
      const expected = sent
        .map(({ userId, days, ...rule }) => ({
          ...rule,
          days: rule.opensAt === null ? [...WEEKDAYS] : days,
          user: { id: userId },
        }))
        .reverse();
      expect(data?.user.rules.nodes).toStrictEqual(expected);
    });
    // npm run import reads the same values from the file.
    const args = [join(folder ?? '', 'home-a.rules.csv'), '--user', 'home-a'];
    const imported = await runCommand('import', args, { env: getInstallationEnv(platform) });
    expect(imported.stdout).toBe(`0 created, ${rows.length} already there, 0 refused.\n`);
  });
});
