import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask } from '../harness/clients.js';
import { startPlatform, type Platform } from '../harness/platform.js';

const TOOL = fileURLToPath(new URL('../../scripts/import.mjs', import.meta.url));
const HEADER = 'name,opening,opensAt,closesAt,days,maxOpenSeconds,timeZone';
const GOOD = [
  'Shop door by day,Shop door,08:00,18:00,FRIDAY|MONDAY,300,America/Bogota',
  '"Fridge, left open",Fridge,,,,60,Europe/Madrid',
];

let platform: Platform;
beforeAll(async () => void (platform = await startPlatform()));
afterAll(() => platform.close());

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(rows: readonly string[], ...options: string[]): Promise<Run> {
  const file = join(platform.folder, 'rules.csv');
  writeFileSync(file, rows.join('\r\n'));
  const args = [TOOL, file, '--url', platform.url, ...options];
  return new Promise((resolve) => {
    execFile(process.execPath, args, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
    });
  });
}

const rulesOf = async (userId: string) => {
  const query = `query ($userId: ID) { rules(filter: { userId: $userId }) { nodes {
    name opening opensAt closesAt days maxOpenSeconds timeZone version } } }`;
  const { data } = await ask<{ rules: { nodes: object[] } }>(platform.url, query, { userId });
  return data?.rules.nodes ?? [];
};

it('creates a rule for each row, and changes nothing when it is run again', async () => {
  const first = await run([HEADER, ...GOOD], '--user', 'ana');
  expect(first).toMatchObject({ code: 0, out: expect.stringMatching(/2 created/) as string });
  const second = await run([HEADER, ...GOOD], '--user', 'ana');
  expect(second).toMatchObject({ code: 0, out: expect.stringMatching(/2 there already/) as string });
  const rules = await rulesOf('ana');
  expect(rules).toHaveLength(2);
  expect(rules).toContainEqual({
    name: 'Fridge, left open',
    opening: 'Fridge',
    opensAt: null,
    closesAt: null,
    days: ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'],
    maxOpenSeconds: 60,
    timeZone: 'Europe/Madrid',
    version: 1,
  });
});

it('tells of each refused row its line, the columns and why; the others are created', async () => {
  const bad = 'Bad,Fridge,25:00,10:00,NODAY,0,Nowhere';
  const { code, out, err } = await run([HEADER, bad, ...GOOD], '--user', 'luis');
  expect(code).toBe(1);
  for (const column of ['opensAt', 'days']) expect(out + err).toContain(column);
  expect(out + err).toMatch(/\b2\b/);
  expect(await rulesOf('luis')).toHaveLength(2);
});

it('a rule that is there and differs is refused, not changed', async () => {
  await run([HEADER, ...GOOD], '--user', 'eva');
  const { code, out, err } = await run([HEADER, GOOD[1]!.replace('60', '90')], '--user', 'eva');
  expect(code).toBe(1);
  expect(out + err).toContain('maxOpenSeconds');
  expect(await rulesOf('eva')).toContainEqual(expect.objectContaining({ maxOpenSeconds: 60, version: 1 }));
});

it('wrong usage, an unknown column and a gateway that is not there end with 2', async () => {
  expect((await run([HEADER, ...GOOD], '--usr', 'ana')).code).toBe(2);
  expect((await run([`${HEADER},colour`, `${GOOD[0]!},red`], '--user', 'ana')).code).toBe(2);
  const nowhere = ['--url', 'http://127.0.0.1:9/graphql'];
  expect((await run([HEADER, ...GOOD], '--user', 'ana', ...nowhere)).code).toBe(2);
});
