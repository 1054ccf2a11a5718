import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  RULE_INPUT_DEFAULTS,
  ruleDefinitionSchema,
  ruleStateSchema,
  WEEKDAYS,
} from '@seguridad-abc/contracts';
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
/** The short form of one window. Rules are stored with `windows`; the API and CSV files have both. */
const SHORT_FORM_FIELDS = ['opensAt', 'closesAt', 'days'];

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
  const window = { days: [...WEEKDAYS], opensAt: '08:00', closesAt: '18:00', openBy: null };
  const { userId, ...state } = createRuleState({ windows: [window] });
  const otherValues = Object.fromEntries(RULE_COLUMN_NAMES.map((column) => [column, 'other']));
  // A row has its hours in one of two forms.
  const shortRow = { ...otherValues, windows: undefined, days: [], activeWindows: [] };
  const listRow = { ...otherValues, windows: [], opensAt: undefined, closesAt: undefined, activeWindows: [] };
  return [shortRow, listRow].flatMap((row) =>
    findRuleDifferences(row, { ...state, calendar: null, user: { id: userId } }).map(({ column }) => column),
  );
}

/** Fields that import and export do not have: another line reports them. */
const listFieldsWithoutColumn = (): string[] =>
  Object.keys(ruleDefinitionSchema.shape)
    .map(toCsvColumn)
    .filter((column) => !(column in RULE_CSV_COLUMNS));

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

/** A place without a field has no name for it. */
type ToName = (field: string) => string | undefined;

const isStored = (field: string) => !SHORT_FORM_FIELDS.includes(field);
const toStateField: ToName = (field) => (isStored(field) ? field : undefined);
const toTableColumn: ToName = (field) =>
  isStored(field) ? field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : undefined;
/** Files name a calendar by its name. */
function toCsvColumn(field: string): string {
  return field === 'calendarId' ? 'calendar' : field;
}
/** Owner and calendar are ids in inputs, events and tables, and the fields `user` and `calendar` of the type `Rule`. */
const toRuleField = (field: string) => (field === 'userId' ? 'user' : toCsvColumn(field));

const monitoring = readSubgraphSchema('monitoring');
const reports = readSubgraphSchema('reports');

const keepName = (field: string) => field;

/** Every place that has to know a field of a rule: what to do if it does not, the names there, and the field's name there. */
const PLACES: readonly [remedy: string, names: readonly string[], toName: ToName][] = [
  [
    'add it to ruleDefinitionSchema in packages/contracts/src/rule.ts',
    Object.keys(ruleStateSchema.shape),
    toStateField,
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
  ['add it to RULE_CSV_COLUMNS in apps/cli/src/csv/rule-columns.ts', RULE_COLUMN_NAMES, toCsvColumn],
  [
    'correct its normalize in apps/cli/src/csv/rule-columns.ts: import finds no difference',
    [...listComparedColumns(), ...listFieldsWithoutColumn()],
    toCsvColumn,
  ],
  ['add it to the table of import in docs/tools.md', listDocumentedColumns(), toCsvColumn],
  [
    'run npm run generate: apps/monitoring/drizzle has no column for it',
    listRuleColumns('monitoring'),
    toTableColumn,
  ],
  [
    'run npm run generate: apps/reports/drizzle has no column for it',
    listRuleColumns('reports'),
    toTableColumn,
  ],
];

it('every place that has to know the fields of a rule knows each of them', () => {
  const fields = new Set([
    ...Object.keys(ruleDefinitionSchema.shape),
    ...listTypeFields(monitoring, 'CreateRuleInput'),
  ]);
  for (const field of NO_RULE_FIELDS) fields.delete(field);
  const remedies = PLACES.flatMap(([remedy, names, toName]) =>
    [...fields]
      .filter((field) => {
        const name = toName(field);
        return name !== undefined && !names.includes(name);
      })
      .map((field) => `${field}: ${remedy}`),
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
