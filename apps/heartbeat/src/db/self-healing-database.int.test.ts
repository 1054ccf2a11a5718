import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, recordLogs, temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RecordedTransition } from './health-repositories.js';
import { openSelfHealingDatabase, type SelfHealingDatabase } from './self-healing-database.js';

let folder: ReturnType<typeof temporaryFolder>;
let database: SelfHealingDatabase | undefined;
let logs: ReturnType<typeof recordLogs>;
const onEmptied = vi.fn();
beforeEach(() => {
  folder = temporaryFolder();
  logs = recordLogs();
});
afterEach(() => {
  database?.close();
  database = undefined;
  folder.remove();
});

const getFile = (name = 'heartbeat.sqlite') => join(folder.path, name);
const open = () =>
  (database = openSelfHealingDatabase({
    folder: folder.path,
    fileCheckMs: 10,
    onEmptied,
    readWallClock: () => Date.UTC(2026, 0, 31, 8),
    logger: logs.logger,
  }));
const transition = (at: number): RecordedTransition => ({
  id: `1-${at + 1}`,
  service: 'reports',
  from: 'UP',
  to: 'DOWN',
  at,
  reason: `silent since ${at} `.repeat(20),
});
/** Saves so many transitions that the file has several pages. */
const save = ({ history }: SelfHealingDatabase, from = 0, count = 200) =>
  history.save(
    Array.from({ length: count }, (_, index) => transition(from + index)),
    { aliveAt: 1, services: [] },
  );
const countTransitions = async ({ history }: SelfHealingDatabase) =>
  (await history.findSince(['reports'], -1)).get('reports')?.length;
const KEPT_NAME = 'heartbeat.damaged-20260131T080000000Z.sqlite';
const expectReported = () => {
  expect(database?.damagedFile).toBe(KEPT_NAME);
  expect(database?.recentDamage).toMatch(
    /^the health history was damaged \(.+\): it starts anew, and heartbeat\.damaged/,
  );
  expect(logs.lines).toContainEqual(
    expect.objectContaining({ level: 'error', msg: database?.recentDamage ?? '' }),
  );
};

it.each([
  ['is no database', () => writeFileSync(getFile(), 'x'.repeat(20_000))],
  ['is cut', () => truncateSync(getFile(), 10_000)],
  [
    'has flipped bytes',
    () => {
      const content = readFileSync(getFile());
      for (let offset = 4_096; offset < content.length; offset += 4_096)
        content.fill(0xa5, offset, offset + 64);
      writeFileSync(getFile(), content);
    },
  ],
])('a file that %s at the start is kept under another name, and a new one is used', async (_, damage) => {
  await save(open());
  database?.close();
  damage();
  const damaged = readFileSync(getFile());
  const reopened = open();
  expect(await countTransitions(reopened)).toBe(0);
  await save(reopened, 500, 1);
  expect(await countTransitions(reopened)).toBe(1);
  expect(readFileSync(getFile(KEPT_NAME))).toEqual(damaged);
  expectReported();
});

it('a file that is cut while it is open is kept, and a new one is used', async () => {
  await save(open());
  database?.close();
  const opened = open();
  truncateSync(getFile(), 8_192);
  await eventually(() => expect(onEmptied).toHaveBeenCalledOnce());
  await save(opened, 500, 1);
  expect(await countTransitions(opened)).toBe(1);
  expect(existsSync(getFile(KEPT_NAME))).toBe(true);
  expectReported();
});

it('a file that is deleted while it is open is written again, with the whole history', async () => {
  const opened = open();
  await save(opened);
  for (const name of readdirSync(folder.path).filter((each) => each.startsWith('heartbeat.sqlite')))
    rmSync(getFile(name));
  await eventually(() => expect(existsSync(getFile())).toBe(true));
  expect(await countTransitions(opened)).toBe(200);
  expect(opened.recentDamage).toMatch(/^the file was deleted: /);
  expect(opened.damagedFile).toBeUndefined();
  await save(opened, 500, 1);
  opened.close();
  expect(await countTransitions(open())).toBe(201);
});

it('an intact file is used as it is', async () => {
  await save(open());
  database?.close();
  const reopened = open();
  expect(await countTransitions(reopened)).toBe(200);
  expect(reopened.recentDamage).toBeUndefined();
  expect(reopened.damagedFile).toBeUndefined();
});
