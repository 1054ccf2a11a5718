import type { OpeningIntervalRecord, Signal } from '@seguridad-abc/contracts';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ProjectedHeardInstant } from '../domain/read-model.js';
import {
  buildProjectedHeardInstant,
  buildProjectedInterval,
  buildProjectedOpening,
} from '../testing/projected-records.js';
import { openTestReadModel, type TestReadModel } from '../testing/test-read-model.js';

let model: TestReadModel;
beforeEach(() => void (model = openTestReadModel()));
afterEach(() => model.close());

const at = (minute: number) => new Date(minute * 60_000).toISOString();
const opening = (name: string, userId = 'ana') => buildProjectedOpening({ userId, name });
const interval = (start: number, end: number | null, name = 'Front', userId = 'ana') => ({
  ...buildProjectedInterval({ userId, opening: name, startId: `r${start}` }),
  startedAt: at(start),
  endedAt: end === null ? null : at(end),
});
const heard = (minute: number, overrides: Partial<ProjectedHeardInstant> = {}) =>
  buildProjectedHeardInstant({ opening: 'Front', at: minute * 60_000, ...overrides });

const select = (name: string, from: string, to: string, signal: Signal = 'OPEN') => ({
  userId: 'ana',
  opening: name,
  signal,
  from,
  to,
  limit: 100,
});

it('the openings of many users are found with one statement, ordered by name', async () => {
  const openings = [opening('b'), opening('A'), opening('a'), opening('a', 'luis')];
  await model.write({ openings });
  model.statements.length = 0;
  const found = await model.repositories.openings.findByUserIds(['luis', 'unknown', 'ana'], 100);
  expect(model.statements).toHaveLength(1);
  const names = [...found].map(([userId, own]) => [userId, own.map(({ name }) => name)]);
  expect(names).toEqual([
    ['luis', ['a']],
    ['unknown', []],
    ['ana', ['A', 'a', 'b']],
  ]);
});

it('only the intervals of one opening are found, without removed ones', async () => {
  const removed = { ...interval(2, 3), startedAt: null, endedAt: null };
  await model.write({
    openings: [opening('Front'), opening('Back'), opening('Front', 'luis')],
    intervals: [
      interval(0, 1),
      removed,
      interval(4, 5, 'Back'),
      interval(6, 7, 'Front', 'luis'),
      { ...interval(0, 8), signal: 'TAMPERED' },
    ],
  });
  const found = await model.repositories.openings.findIntervals(select('Front', at(0), at(9)));
  expect(found).toEqual([{ signal: 'OPEN', startId: 'r0', startedAt: at(0), endedAt: at(1) }]);
  expect(await model.repositories.openings.findIntervals(select('Front', at(0), at(9), 'TAMPERED'))).toEqual([
    { signal: 'TAMPERED', startId: 'r0', startedAt: at(0), endedAt: at(8) },
  ]);
  expect(await model.repositories.openings.findIntervals(select('Side', at(0), at(9)))).toEqual([]);
});

it('intervals that overlap a period are found', async () => {
  /** Pairs of minutes in which the opening is closed and then open. The last interval may be open. */
  const histories = fc.record({
    lengths: fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(4)), { maxLength: 8 }),
    isOpen: fc.boolean(),
    from: fc.nat(30),
    length: fc.nat(20),
  });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(histories, async ({ lengths, isOpen, from, length }) => {
      const name = `opening ${run++}`;
      let minute = 0;
      const all = lengths.map(([closed, open], index) => {
        const start = (minute += closed);
        minute += open;
        const end = isOpen && index === lengths.length - 1 ? null : minute;
        return interval(start, end, name);
      });
      await model.write({ openings: [opening(name)], intervals: all });
      const to = from + length;
      const overlaps = ({ startedAt, endedAt }: OpeningIntervalRecord) =>
        startedAt < at(to) && (startedAt >= at(from) || endedAt === null || endedAt > at(from));
      const found: OpeningIntervalRecord[] = [];
      // In pages of two.
      for (let size = 2; size === 2;) {
        const selection = { ...select(name, at(from), at(to)), after: found.at(-1)?.startedAt, limit: 2 };
        const page = await model.repositories.openings.findIntervals(selection);
        found.push(...page);
        size = page.length;
      }
      expect(found.map(({ startId }) => startId)).toEqual(all.filter(overlaps).map(({ startId }) => startId));
    }),
    { numRuns: 60 },
  );
});

it('the instants at which an opening was heard are found, with the last one before the period', async () => {
  await model.write({
    openings: [opening('Front'), opening('Back')],
    heardInstants: [
      heard(1),
      heard(2),
      heard(3, { isHeard: false }),
      heard(5),
      heard(6, { opening: 'Back' }),
      heard(7),
      heard(8),
    ],
  });
  const find = async (from: number, to: number, options: { after?: number; limit?: number } = {}) => {
    const { after, limit = 100 } = options;
    const found = await model.repositories.openings.findHeardInstants({
      userId: 'ana',
      opening: 'Front',
      from: from * 60_000,
      to: to * 60_000,
      after: after === undefined ? undefined : after * 60_000,
      limit,
    });
    return found.map((instant) => instant / 60_000);
  };
  expect(await find(4, 7)).toEqual([2, 5, 7]);
  expect(await find(5, 6)).toEqual([5]);
  expect(await find(0, 1)).toEqual([1]);
  expect(await find(4, 9, { limit: 2 })).toEqual([2, 5]);
  expect(await find(4, 9, { after: 5 })).toEqual([7, 8]);
});

it('the last instant at which each opening was heard is found with one statement', async () => {
  await model.write({
    openings: [opening('Front'), opening('Back'), opening('Front', 'luis'), opening('New')],
    heardInstants: [
      heard(1),
      heard(2),
      heard(3, { isHeard: false }),
      heard(9),
      heard(4, { opening: 'Back' }),
      heard(5, { userId: 'luis' }),
    ],
  });
  model.statements.length = 0;
  const keys = [
    { userId: 'luis', opening: 'Front' },
    { userId: 'ana', opening: 'New' },
    { userId: 'ana', opening: 'Unknown' },
    { userId: 'ana', opening: 'Front' },
    { userId: 'ana', opening: 'Back' },
  ];
  const found = await model.repositories.openings.findLastHeardInstants(keys, 8 * 60_000);
  expect(model.statements).toHaveLength(1);
  expect(found.map((instant) => (instant === null ? null : instant / 60_000))).toEqual([5, null, null, 2, 4]);
});

/** How SQLite runs the last statement. */
function explainLastStatement(): string {
  const planner = new Database(model.file, { readonly: true });
  const statement = model.statements.at(-1) ?? '';
  const parameters = Array.from(statement.matchAll(/\?/g), () => '');
  const steps = planner.prepare(`explain query plan ${statement}`).all(...parameters) as { detail: string }[];
  planner.close();
  return steps.map(({ detail }) => detail).join('\n');
}

it('intervals are found with an index, however many precede the period', async () => {
  await model.repositories.openings.findIntervals(select('Front', at(0), at(9)));
  const plan = explainLastStatement();
  expect(plan).toMatch(
    /intervals_by_start \(opening_id=\? AND signal=\? AND started_at>\? AND started_at<\?\)/,
  );
  expect(plan).not.toMatch(/SCAN|TEMP B-TREE/);
});

it('heard instants are found with the primary key, however many precede the period', async () => {
  const key = { userId: 'ana', opening: 'Front' };
  await model.repositories.openings.findHeardInstants({ ...key, from: 5, to: 9, limit: 10 });
  const plan = explainLastStatement();
  expect(plan).toMatch(/SEARCH heard_instants USING PRIMARY KEY \(opening_id=\? AND at>\? AND at<\?\)/);
  expect(plan).not.toMatch(/SCAN|TEMP B-TREE/);
  await model.repositories.openings.findLastHeardInstants([key], 9);
  expect(explainLastStatement()).toMatch(
    /SEARCH heard_instants USING PRIMARY KEY \(opening_id=\? AND at<\?\)/,
  );
});
