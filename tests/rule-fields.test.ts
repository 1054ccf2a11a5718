import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ruleStateSchema } from '@seguridad-abc/contracts';
import { createRuleState } from '@seguridad-abc/contracts/testing';
import { buildASTSchema, isInputObjectType, isObjectType, parse, type GraphQLSchema } from 'graphql';
import { expect, it } from 'vitest';
import { findRuleDifferences } from '../apps/cli/src/commands/import/rule-differences.js';
import { RULE_COLUMN_NAMES } from '../apps/cli/src/csv/rule-columns.js';

const readProjectFile = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');

/** Not a field of the rule, but the idempotency key of the command. */
const NO_RULE_FIELDS = ['clientMutationId'];

const readSubgraphSchema = (app: string): GraphQLSchema =>
  buildASTSchema(parse(readProjectFile(`apps/${app}/schema.graphql`)), { assumeValidSDL: true });

function listTypeFields(schema: GraphQLSchema, typeName: string): string[] {
  const type = schema.getType(typeName);
  if (!isObjectType(type) && !isInputObjectType(type)) throw new Error(`There is no type ${typeName}.`);
  return Object.keys(type.getFields());
}

/** The columns of the table `rules` after the last migration. */
function listRuleColumns(app: string): string[] {
  const folder = `apps/${app}/drizzle/meta`;
  const names = readdirSync(fileURLToPath(new URL(`../${folder}`, import.meta.url)));
  const latest =
    names
      .filter((name) => name.endsWith('_snapshot.json'))
      .sort()
      .at(-1) ?? '';
  const snapshot = JSON.parse(readProjectFile(`${folder}/${latest}`)) as {
    tables: { rules: { columns: object } };
  };
  return Object.keys(snapshot.tables.rules.columns);
}

/** The columns in which import finds a difference if all values of a row differ from those of the rule. */
function listComparedColumns(): string[] {
  const { userId, ...state } = createRuleState({ opensAt: '08:00', closesAt: '18:00' });
  const otherValues = Object.fromEntries(RULE_COLUMN_NAMES.map((column) => [column, 'other']));
  return findRuleDifferences({ ...otherValues, days: [] }, { ...state, user: { id: userId } }).map(
    ({ column }) => column,
  );
}

/** The fields of a rule that import and export read. */
const listExportedFields = (): string[] =>
  /fragment RuleColumns on Rule \{[^]*?\n\}/
    .exec(readProjectFile('apps/cli/src/graphql/operations.graphql'))?.[0]
    .match(/\w+/g) ?? [];

const toColumnName = (field: string) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
/** A rule's owner is an id in inputs, events and tables, and the field `user` of the type `Rule`. */
const toRuleField = (field: string) => (field === 'userId' ? 'user' : field);

const monitoring = readSubgraphSchema('monitoring');
const reports = readSubgraphSchema('reports');

/** Every place that has to know a field of `CreateRuleInput`: the names there, and the field's name there. */
const PLACES: readonly [place: string, names: readonly string[], toName: (field: string) => string][] = [
  ['packages/contracts/src/rule.ts: ruleStateSchema', Object.keys(ruleStateSchema.shape), (field) => field],
  ['apps/monitoring/drizzle: table rules', listRuleColumns('monitoring'), toColumnName],
  ['apps/reports/drizzle: table rules', listRuleColumns('reports'), toColumnName],
  ['apps/monitoring/schema.graphql: type Rule', listTypeFields(monitoring, 'Rule'), toRuleField],
  ['apps/reports/schema.graphql: type Rule', listTypeFields(reports, 'Rule'), toRuleField],
  ['apps/cli/src/csv/rule-columns.ts: import and export', RULE_COLUMN_NAMES, (field) => field],
  ['apps/cli/src/graphql/operations.graphql: RuleColumns', listExportedFields(), toRuleField],
  ['apps/cli/src/commands/import/rule-differences.ts: comparison', listComparedColumns(), (field) => field],
  ['docs/tools.md', readProjectFile('docs/tools.md').match(/(?<=`)\w+(?=`)/g) ?? [], (field) => field],
];

it('every field of CreateRuleInput is part of every place that has to know it', () => {
  const fields = listTypeFields(monitoring, 'CreateRuleInput').filter(
    (field) => !NO_RULE_FIELDS.includes(field),
  );
  expect(fields.length).toBeGreaterThan(0);
  const missing = PLACES.flatMap(([place, names, toName]) =>
    fields.filter((field) => !names.includes(toName(field))).map((field) => `${place}: ${field}`),
  );
  expect(missing).toEqual([]);
});

it('updateRule can change every field of CreateRuleInput, except userId, opening and effectiveFrom', () => {
  const changed = listTypeFields(monitoring, 'UpdateRuleInput');
  const fixed = listTypeFields(monitoring, 'CreateRuleInput').filter((field) => !changed.includes(field));
  expect(fixed).toEqual(['userId', 'opening', 'effectiveFrom']);
});

it('every field of UpdateRuleInput can be set by createRule, except id and expectedVersion', () => {
  const created = listTypeFields(monitoring, 'CreateRuleInput');
  const unknown = listTypeFields(monitoring, 'UpdateRuleInput').filter((field) => !created.includes(field));
  expect(unknown).toEqual(['id', 'expectedVersion']);
});
