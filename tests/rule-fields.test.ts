import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RULE_INPUT_DEFAULTS, ruleDefinitionSchema, ruleStateSchema } from '@seguridad-abc/contracts';
import { createRuleState } from '@seguridad-abc/contracts/testing';
import { buildASTSchema, isInputObjectType, isObjectType, parse, type GraphQLSchema } from 'graphql';
import { expect, it } from 'vitest';
import { findRuleDifferences } from '../apps/cli/src/commands/import/rule-differences.js';
import { RULE_COLUMN_NAMES, RULE_CSV_COLUMNS } from '../apps/cli/src/csv/rule-columns.js';

const readProjectFile = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');

/** Not a field of the rule, but the idempotency key of the command. */
const NO_RULE_FIELDS = ['clientMutationId'];
/** What a rule keeps from its creation. */
const FIXED_FIELDS = ['userId', 'opening', 'effectiveFrom'];

const readSubgraphSchema = (app: string): GraphQLSchema =>
  buildASTSchema(parse(readProjectFile(`apps/${app}/schema.graphql`)), { assumeValidSDL: true });

function listTypeFields(schema: GraphQLSchema, typeName: string): string[] {
  const type = schema.getType(typeName);
  if (!isObjectType(type) && !isInputObjectType(type)) throw new Error(`There is no type ${typeName}.`);
  return Object.keys(type.getFields());
}

/** The defaults that the fields of an input have in the schema. */
function listInputDefaults(schema: GraphQLSchema, typeName: string): Readonly<Record<string, unknown>> {
  const type = schema.getType(typeName);
  if (!isInputObjectType(type)) throw new Error(`There is no input ${typeName}.`);
  return Object.fromEntries(
    Object.values(type.getFields())
      .filter(({ defaultValue }) => defaultValue !== undefined)
      .map(({ name, defaultValue }) => [name, defaultValue]),
  );
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

/** Fields that import and export do not have: another line reports them. */
const listFieldsWithoutColumn = (): string[] =>
  Object.keys(ruleDefinitionSchema.shape).filter((field) => !(field in RULE_CSV_COLUMNS));

/** The fields of a rule that import and export read. */
const listExportedFields = (): string[] =>
  /fragment RuleColumns on Rule \{[^]*?\n\}/
    .exec(readProjectFile('apps/cli/src/graphql/operations.graphql'))?.[0]
    .match(/\w+/g) ?? [];

/** The columns in the table that documents import. */
function listDocumentedColumns(): string[] {
  const section = /^## `npm run import[^]*?(?=^## )/m.exec(readProjectFile('docs/tools.md'))?.[0] ?? '';
  const firstCells = section.match(/^\| [^|\\]+/gm) ?? [];
  return firstCells.flatMap((cell) => cell.match(/(?<=`)\w+(?=`)/g) ?? []);
}

const toColumnName = (field: string) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
/** A rule's owner is an id in inputs, events and tables, and the field `user` of the type `Rule`. */
const toRuleField = (field: string) => (field === 'userId' ? 'user' : field);

const monitoring = readSubgraphSchema('monitoring');
const reports = readSubgraphSchema('reports');

const keepName = (field: string) => field;

/** Every place that has to know a field of a rule: what to do if it does not, the names there, and the field's name there. */
const PLACES: readonly [remedy: string, names: readonly string[], toName: (field: string) => string][] = [
  [
    'add it to ruleDefinitionSchema in packages/contracts/src/rule.ts',
    Object.keys(ruleStateSchema.shape),
    keepName,
  ],
  [
    'add it to input CreateRuleInput in apps/monitoring/schema.graphql',
    listTypeFields(monitoring, 'CreateRuleInput'),
    keepName,
  ],
  [
    'add it to input UpdateRuleInput in apps/monitoring/schema.graphql',
    [...listTypeFields(monitoring, 'UpdateRuleInput'), ...FIXED_FIELDS],
    keepName,
  ],
  ['add it to type Rule in apps/monitoring/schema.graphql', listTypeFields(monitoring, 'Rule'), toRuleField],
  ['add it to type Rule in apps/reports/schema.graphql', listTypeFields(reports, 'Rule'), toRuleField],
  [
    'add it to fragment RuleColumns in apps/cli/src/graphql/operations.graphql',
    listExportedFields(),
    toRuleField,
  ],
  ['add it to RULE_CSV_COLUMNS in apps/cli/src/csv/rule-columns.ts', RULE_COLUMN_NAMES, keepName],
  [
    'correct its normalize in apps/cli/src/csv/rule-columns.ts: import finds no difference',
    [...listComparedColumns(), ...listFieldsWithoutColumn()],
    keepName,
  ],
  ['add it to the table of import in docs/tools.md', listDocumentedColumns(), keepName],
  [
    'run npm run generate: apps/monitoring/drizzle has no column for it',
    listRuleColumns('monitoring'),
    toColumnName,
  ],
  [
    'run npm run generate: apps/reports/drizzle has no column for it',
    listRuleColumns('reports'),
    toColumnName,
  ],
];

it('every place that has to know the fields of a rule knows each of them', () => {
  const fields = new Set([
    ...Object.keys(ruleDefinitionSchema.shape),
    ...listTypeFields(monitoring, 'CreateRuleInput'),
  ]);
  for (const field of NO_RULE_FIELDS) fields.delete(field);
  const remedies = PLACES.flatMap(([remedy, names, toName]) =>
    [...fields].filter((field) => !names.includes(toName(field))).map((field) => `${field}: ${remedy}`),
  );
  expect(remedies).toEqual([]);
});

it('RULE_INPUT_DEFAULTS in packages/contracts has the defaults of CreateRuleInput', () => {
  expect(RULE_INPUT_DEFAULTS).toEqual(listInputDefaults(monitoring, 'CreateRuleInput'));
});

it('updateRule cannot change userId, opening and effectiveFrom', () => {
  const changed = listTypeFields(monitoring, 'UpdateRuleInput');
  expect(changed.filter((field) => FIXED_FIELDS.includes(field))).toEqual([]);
});

it('every field of UpdateRuleInput can be set by createRule, except id and expectedVersion', () => {
  const created = listTypeFields(monitoring, 'CreateRuleInput');
  const unknown = listTypeFields(monitoring, 'UpdateRuleInput').filter((field) => !created.includes(field));
  expect(unknown).toEqual(['id', 'expectedVersion']);
});
