import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ListScope } from '../connections/list-repository.js';
import { openTestReadModel, type TestReadModel } from '../testing/test-read-model.js';
import type { AlarmFilter, AlarmScopeColumn } from './alarm-repository.js';

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

/** The step of SQLite's query plan that reads the list in the last statement. */
function explainLastStatement(): string {
  const statement = model.statements.at(-1) ?? '';
  const parameters = Array.from(statement.matchAll(/\?/g), () => '[]');
  const steps = planner.prepare(`explain query plan ${statement}`).all(...parameters) as { detail: string }[];
  const listSteps = steps.map(({ detail }) => detail).filter((detail) => detail.includes('listed'));
  expect(listSteps).toHaveLength(1);
  expect(steps.filter(({ detail }) => detail.includes('TEMP B-TREE'))).toHaveLength(1); // It sorts the result, not the list.
  return listSteps[0] ?? '';
}

const ana = { userId: 'ana' };
const AT = '2026-03-01T08:00:00.000Z';

describe('alarm lists', () => {
  it.each<[string, ListScope<AlarmScopeColumn>, AlarmFilter, RegExp]>([
    ['all', {}, {}, /alarms_by_raising/],
    ['all cleared', {}, { status: ['CLEARED'] }, /alarms_by_raising/],
    ['all active', {}, { status: ['ACTIVE'] }, /alarms_active /],
    ['all retracted', {}, { status: ['RETRACTED'] }, /alarms_retracted/],
    ['all critical', {}, { severity: ['CRITICAL'] }, /alarms_of_severity \(severity=\?/],
    ['all of two severities', {}, { severity: ['CRITICAL', 'INFO'] }, /alarms_by_raising/],
    ['all of a kind', {}, { kind: 'OPEN_TOO_LONG' }, /alarms_of_kind \(kind=\?/],
    ['all acknowledged', {}, { acknowledged: true }, /alarms_acknowledged/],
    ['all not acknowledged', {}, { acknowledged: false }, /alarms_unacknowledged/],
    [
      'all active, critical and not acknowledged',
      {},
      { status: ['ACTIVE'], acknowledged: false, severity: ['CRITICAL'], kind: 'OPEN_TOO_LONG' },
      /alarms_active /,
    ],
    ["a user's", ana, {}, /alarms_of_user \(user_id=\?/],
    ["a user's active", ana, { status: ['ACTIVE'] }, /alarms_active_of_user \(user_id=\?/],
    [
      "a user's critical",
      ana,
      { severity: ['CRITICAL'], acknowledged: false },
      /alarms_of_user \(user_id=\?/,
    ],
    ['an opening', { opening: 'Front' }, {}, /alarms_of_opening \(opening=\?/],
    [
      "a user's opening",
      { ...ana, opening: 'Front' },
      {},
      /alarms_of_user_opening \(user_id=\? AND opening=\?/,
    ],
    ['a rule', { ruleId: 'r' }, {}, /alarms_of_rule \(rule_id=\?/],
    ['a rule, active', { ruleId: 'r' }, { status: ['ACTIVE'] }, /alarms_of_rule \(rule_id=\?/],
    [
      'a rule, with user and opening',
      { ...ana, opening: 'Front', ruleId: 'r' },
      { kind: 'OPEN_TOO_LONG' },
      /alarms_of_rule \(rule_id=\?/,
    ],
  ])('use an index in list order: %s', async (_, scope, filter, index) => {
    const repository = model.repositories.alarms;
    for (const order of ['descending', 'ascending'] as const) {
      await repository.readSlices([scope], filter, { order, below: [AT, 'b'], above: [AT, 'a'], limit: 5 });
      expect(explainLastStatement()).toMatch(index);
      expect(explainLastStatement()).toMatch(/\(raised_at,id\)>\(\?,\?\) AND \(raised_at,id\)<\(\?,\?\)/);
    }
  });

  it.each<[string, AlarmFilter]>([
    ['raised from an instant', { raisedFrom: AT }],
    ['raised before an instant', { raisedBefore: AT }],
  ])('start or end their index range there: %s', async (_, filter) => {
    await model.repositories.alarms.readSlices([ana], filter, { order: 'descending', limit: 5 });
    expect(explainLastStatement()).toMatch(/alarms_of_user \(user_id=\? AND \(raised_at,id\)[<>]\(\?,\?\)/);
  });

  it.each<[string, ListScope<AlarmScopeColumn>, AlarmFilter]>([
    ['a rule, several statuses', { ruleId: 'r' }, { status: ['ACTIVE', 'CLEARED'] }],
    ["a user's", ana, {}],
    ["a user's by status", ana, { status: ['CLEARED'] }],
    ['all', {}, {}],
  ])('are counted from an index alone: %s', async (_, scope, filter) => {
    const repository = model.repositories.alarms;
    await repository.readCounts([scope], filter);
    const statement = model.statements.at(-1) ?? '';
    const steps = planner
      .prepare(`explain query plan ${statement}`)
      .all(...Array.from(statement.matchAll(/\?/g), () => '[]')) as { detail: string }[];
    expect(steps.find(({ detail }) => detail.includes('listed'))?.detail).toContain('COVERING INDEX');
  });
});
