import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@seguridad-abc/platform/testing';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './harness/clients.js';
import { startPlatform, type Platform } from './harness/platform.js';
import { runTool, settingsOf } from './tools/run-tool.js';

/** Real rules, kept outside of the project: the folder comes from the environment. */
const folder = process.env['REFERENCE_DATA'];
if (!folder) console.warn('REFERENCE_DATA is not set: the rules of the reference data are not checked.');

const empty = (cell: string) => (cell === '' ? null : cell);

describe.skipIf(!folder)('the rules of the reference data', () => {
  let platform: Platform;
  beforeAll(async () => void (platform = await startPlatform()));
  afterAll(() => platform.close());

  it('go in through createRule and come back through rules', async () => {
    const rows = parse<Record<string, string>>(readFileSync(join(folder ?? '', 'home-a.rules.csv')), {
      columns: true,
    });
    expect(rows.length).toBeGreaterThan(0);
    const sent = rows.map((row) => ({
      userId: 'home-a',
      name: row['name'],
      opening: row['opening'],
      opensAt: empty(row['opensAt'] ?? ''),
      closesAt: empty(row['closesAt'] ?? ''),
      days: (row['days'] ?? '').split('|').filter(Boolean),
      maxOpenSeconds: row['maxOpenSeconds'] ? Number(row['maxOpenSeconds']) : null,
      timeZone: row['timeZone'],
      effectiveFrom: '2010-01-01T00:00:00.000Z',
    }));
    for (const input of sent) {
      const answer = await ask(
        platform.url,
        `mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }`,
        { input },
      );
      expect(answer.errors).toBeUndefined();
    }
    await eventually(async () => {
      const { data } = await ask<{ user: { rules: { nodes: unknown[] } } }>(
        platform.url,
        `{ user(id: "home-a") { rules { nodes {
          name opening opensAt closesAt days maxOpenSeconds timeZone effectiveFrom user { id } } } } }`,
      );
      const expected = sent.map(({ userId, ...rule }) => ({ ...rule, user: { id: userId } })).reverse();
      expect(data?.user.rules.nodes).toStrictEqual(expected);
    });
    // As npm run import reads the file, they are the same.
    const args = [join(folder ?? '', 'home-a.rules.csv'), '--user', 'home-a'];
    const imported = await runTool('import', args, { env: settingsOf(platform) });
    expect(imported.stdout).toBe(`0 created, ${rows.length} there already, 0 refused.\n`);
  });
});
