import type { OpeningExceptionState } from '@seguridad-abc/contracts';
import { createOpeningExceptionState } from '@seguridad-abc/contracts/testing';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestReadModel, type TestReadModel } from '../testing/test-read-model.js';

let model: TestReadModel;
beforeEach(() => void (model = openTestReadModel()));
afterEach(() => model.close());

const HOUR_MS = 3_600_000;
const START = Date.now();
/** An instant so many hours after now. */
const at = (hours: number) => new Date(START + hours * HOUR_MS).toISOString();
const write = (states: Readonly<Record<string, Partial<OpeningExceptionState>>>) =>
  model.write({
    exceptions: Object.entries(states).map(([id, state], index) => ({
      state: createOpeningExceptionState({ id, ...state }),
      changedPosition: index + 1,
    })),
  });
const list = async (active: boolean | null = null, limits = {}) =>
  (await model.createQueries(undefined, limits).exceptions.listByUser('ana', active)).map(({ id }) => id);

describe('the exceptions of a user', () => {
  it('are the last to end first; `active` selects those that are in effect now', async () => {
    await write({
      over: { from: at(-9), until: at(-8) },
      now: { from: at(-1), until: at(1) },
      planned: { from: at(5), until: at(6) },
      cancelled: { from: at(-1), until: at(9), cancelledAt: at(-0.5) },
      long: { from: at(-1), until: at(8) },
      other: { userId: 'ben', from: at(-1), until: at(1) },
    });
    expect(await list()).toEqual(['long', 'planned', 'now', 'cancelled', 'over']);
    expect(await list(true)).toEqual(['long', 'now']);
    expect(await list(false)).toEqual(['planned', 'cancelled', 'over']);
  });

  it('include all that have not ended, and the 100 that ended last', async () => {
    const ended = Array.from({ length: 101 }, (_, index) => [
      `ended ${index}`,
      { from: at(-1_000), until: at(-index - 1) },
    ]);
    const current = Array.from({ length: 101 }, (_, index) => [
      `now ${index}`,
      { from: at(-1), until: at(index + 1) },
    ]);
    await write(Object.fromEntries([...ended, ...current]) as Parameters<typeof write>[0]);
    const ids = await list();
    expect(ids).toHaveLength(201);
    expect([ids[0], ids[100], ids[101], ids.at(-1)]).toEqual(['now 100', 'now 0', 'ended 0', 'ended 99']);
    expect(await list(true)).toHaveLength(101);
    expect(await list(false)).toHaveLength(100);
  });

  it('cost rows of the request', async () => {
    await write({ a: { until: at(1) }, b: { until: at(1) } });
    await expect(list(null, { rows: 1 })).rejects.toMatchObject({
      extensions: { code: 'OPERATION_TOO_COSTLY' },
    });
  });

  it('are read with two statements for any number of users', async () => {
    await write({ a: { until: at(1) }, b: { userId: 'ben', until: at(1) } });
    const { exceptions } = model.createQueries();
    model.statements.length = 0;
    await Promise.all(['ana', 'ben', 'eva'].map((userId) => exceptions.listByUser(userId, null)));
    expect(model.statements).toHaveLength(2);
  });

  it('make the user known', async () => {
    await write({ a: {} });
    expect(await model.createQueries().users.findById('ana')).toEqual({ id: 'ana' });
  });
});

it('the exceptions of an opening in a period are found with an index', async () => {
  await write({
    before: { openings: null, from: at(-3), until: at(0) },
    all: { openings: null, from: at(-3), until: at(0.1) },
    named: { openings: ['Back', 'Shop'], from: at(1.9), until: at(9) },
    another: { openings: ['Back'], from: at(-3), until: at(9) },
    cancelled: { openings: null, from: at(-3), until: at(9), cancelledAt: at(-1) },
    after: { openings: null, from: at(2), until: at(3) },
    other: { userId: 'ben', openings: null, from: at(0), until: at(3) },
  });
  const selection = { userId: 'ana', opening: 'Shop', from: at(0), to: at(2), limit: 10 };
  const find = async (limit = 10) =>
    (await model.repositories.exceptions.findByOpening({ ...selection, limit })).map(({ id }) => id);
  expect((await find()).sort()).toEqual(['all', 'named']);
  expect(await find(1)).toHaveLength(1);

  const planner = new Database(model.file, { readonly: true });
  const statement = model.statements.at(-1) ?? '';
  const parameters = Array.from(statement.matchAll(/\?/g), () => '');
  const steps = planner.prepare(`explain query plan ${statement}`).all(...parameters) as { detail: string }[];
  planner.close();
  expect(steps.map(({ detail }) => detail).join('\n')).toContain(
    'exceptions USING INDEX exceptions_of_user (user_id=? AND ends_at>?)',
  );
});
