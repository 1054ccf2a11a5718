import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ListScope } from '../connections/list-repository.js';
import { openTestReadModel, type TestReadModel } from '../testing/test-read-model.js';
import type { RuleFilter, RuleScopeColumn } from './rule-repository.js';

let model: TestReadModel;
let planner: Database.Database;
beforeAll(() => {
  model = openTestReadModel();
  planner = new Database(model.file, { readonly: true });
});
afterAll(() => {
  planner.close();
  model.close();
});

/** The steps of SQLite's query plan that read the list in the last statement. */
function explainLastStatement(): string[] {
  const statement = model.statements.at(-1) ?? '';
  const parameters = Array.from(statement.matchAll(/\?/g), () => '[]');
  const steps = planner.prepare(`explain query plan ${statement}`).all(...parameters) as { detail: string }[];
  return steps.map(({ detail }) => detail).filter((detail) => detail.includes('listed'));
}

describe('changes of rules', () => {
  it('are the last change of each rule after a position, in log order, with the checkpoint', async () => {
    const own = openTestReadModel();
    const [a, b] = [await own.addRule({ userId: 'ana' }), await own.addRule({ userId: 'ben' })];
    const deleted = { ...a.state, version: 2, deletedAt: a.state.updatedAt };
    await own.write({ rules: [{ ...a, state: deleted, changedPosition: 3 }] });
    const repository = own.repositories.rules;
    const findChangesSince = (...args: Parameters<typeof repository.findChangesSince>) =>
      repository.findChangesSince(...args);
    const change = (kind: string, position: number, rule: object) => ({ v: 1, kind, position, rule });
    expect(await findChangesSince(0, null, 10)).toEqual({
      logId: 'log-1',
      position: 3,
      changes: [change('CREATED', 2, b.state), change('DELETED', 3, deleted)],
    });
    const positions = async (...args: Parameters<typeof findChangesSince>) =>
      (await findChangesSince(...args)).changes.map(({ position }) => position);
    expect(await positions(2, null, 10)).toEqual([3]);
    expect(await positions(0, null, 1)).toEqual([2]);
    expect(await positions(0, 'ana', 10)).toEqual([3]);
    expect(await positions(3, null, 10)).toEqual([]);
    own.close();
  });
});

describe('rule lists', () => {
  it.each<[string, ListScope<RuleScopeColumn>, RuleFilter, RegExp]>([
    ['all rules', {}, {}, /rules_by_age/],
    ['rules with a part of the name', {}, { search: 'door' }, /rules_by_age/],
    ['enabled rules', {}, { enabled: true }, /rules_by_age/],
    ['disabled rules', {}, { enabled: false }, /rules_disabled/],
    ['rules of an opening', { opening: 'Front' }, {}, /rules_of_opening \(opening=\?/],
    ["a user's rules", { userId: 'ana' }, {}, /rules_of_user \(user_id=\?/],
    ["a user's disabled rules", { userId: 'ana' }, { enabled: false }, /rules_of_user \(user_id=\?/],
    [
      "a user's rules of an opening",
      { userId: 'ana', opening: 'Front' },
      {},
      /rules_of_user_opening \(user_id=\? AND opening=\?/,
    ],
  ])('use an index in list order: %s', async (_, scope, filter, index) => {
    const repository = model.repositories.rules;
    for (const order of ['descending', 'ascending'] as const) {
      await repository.readSlices([scope], filter, { order, below: [9], above: [3], limit: 5 });
      expect(explainLastStatement()).toEqual([expect.stringMatching(index)]);
      expect(explainLastStatement()[0]).toMatch(/created_position>\? AND created_position<\?/);
    }
    await repository.readExistence([scope], filter, { below: [9] });
    expect(explainLastStatement()[0]).toMatch(/created_position<\?/);
    await repository.readCounts([scope], filter);
    expect(explainLastStatement()[0]).toMatch(/USING INDEX|USING COVERING INDEX/);
  });
});
