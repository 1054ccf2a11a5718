// npm run generate: writes every generated file. With --check it writes nothing and fails if one is out of date.
// --no-migrations skips the database migrations.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as typedDocuments from '@graphql-codegen/typed-document-node';
import * as typescript from '@graphql-codegen/typescript';
import * as operations from '@graphql-codegen/typescript-operations';
import * as resolvers from '@graphql-codegen/typescript-resolvers';
import { parse, Source } from 'graphql';
import { composeSupergraph } from './shared/compose-supergraph.mjs';

const CONTRACTS = '@seguridad-abc/contracts';

/** Parent types of the resolvers, by app and GraphQL type. @type {Record<string, Record<string, string>>} */
const RESOLVER_PARENT_TYPES = {
  monitoring: { Rule: `${CONTRACTS}#RuleState`, Alarm: `${CONTRACTS}#AlarmState` },
  reports: {
    Rule: `${CONTRACTS}#RuleState`,
    Alarm: `${CONTRACTS}#AlarmState`,
    User: '../users/user-queries.js#UserReference',
    Opening: '../domain/read-model.js#ProjectedOpeningState',
    RuleConnection: '../rules/rule-queries.js#RuleConnection as RuleConnectionParent',
    AlarmConnection: '../alarms/alarm-queries.js#AlarmConnection as AlarmConnectionParent',
    OpeningConnection: '../openings/opening-queries.js#OpeningConnection as OpeningConnectionParent',
    PageInfo: '../connections/relay-connection.js#AnyNodeConnection',
  },
  heartbeat: {
    ServiceHealth: `${CONTRACTS}#ServiceHealth as ServiceHealthParent`,
    ServiceInstance: `${CONTRACTS}#ServiceInstance as ServiceInstanceParent`,
    HealthTransition: '../domain/health-transitions.js#HealthTransition as HealthTransitionParent',
  },
};

/** JSON types of the scalars, by their GraphQL name. */
const SCALAR_TYPES = { ID: 'string', DateTime: 'string', LocalTime: 'string', TimeZone: 'string' };

/** The operations of the clients. The types are written beside each file, as generated.ts. */
const CLIENT_OPERATIONS_FILES = [
  'apps/cli/src/graphql/operations.graphql',
  'examples/react/src/operations.graphql',
];

/** Apps with a database. */
const APPS_WITH_MIGRATIONS = ['monitoring', 'reports', 'heartbeat'];

const isCheck = process.argv.includes('--check');
/** @type {string[]} */
const outdated = [];

const { supergraph, api } = composeSupergraph('supergraph.yaml');
writeOrCheck('supergraph.graphql', supergraph);
writeOrCheck('api.graphql', api);
for (const app of Object.keys(RESOLVER_PARENT_TYPES)) {
  writeOrCheck(`apps/${app}/src/graphql/generated.ts`, await generateResolverTypes(app));
}
for (const file of CLIENT_OPERATIONS_FILES) {
  writeOrCheck(join(dirname(file), 'generated.ts'), await generateTypedOperations(file, api));
}
if (!process.argv.includes('--no-migrations')) {
  for (const app of APPS_WITH_MIGRATIONS) generateMigrations(app);
}

if (outdated.length > 0) {
  console.error(`These generated files are out of date: ${outdated.join(', ')}. Run npm run generate.`);
  process.exitCode = 1;
}

/** Writes a file, or with --check records that it is out of date. @param {string} file @param {string} content */
function writeOrCheck(file, content) {
  let present;
  try {
    present = readFileSync(file, 'utf8');
  } catch {
    present = undefined;
  }
  if (present === content) return;
  if (isCheck) {
    outdated.push(file);
    return;
  }
  writeFileSync(file, content);
  console.log(`wrote ${file}`);
}

/** @param {string} app */
function generateResolverTypes(app) {
  return codegen({
    filename: 'generated.ts',
    schema: parse(readFileSync(`apps/${app}/schema.graphql`, 'utf8')),
    documents: [],
    config: {
      federation: true,
      useTypeImports: true,
      avoidOptionals: { defaultValue: true },
      enumsAsTypes: true,
      contextType: './context.js#Context',
      mappers: RESOLVER_PARENT_TYPES[app],
      scalars: { ...SCALAR_TYPES, _FieldSet: 'string' },
      strictScalars: true,
    },
    plugins: [{ typescript: {} }, { resolvers: {} }],
    pluginMap: { typescript, resolvers },
  });
}

/** Generates a client's typed documents: variables and results. @param {string} file @param {string} api */
function generateTypedOperations(file, api) {
  return codegen({
    filename: 'generated.ts',
    schema: parse(api),
    documents: [{ location: file, document: parse(new Source(readFileSync(file, 'utf8'), file)) }],
    config: {
      useTypeImports: true,
      enumsAsTypes: true,
      immutableTypes: true,
      onlyOperationTypes: true,
      skipTypename: true,
      avoidOptionals: { field: true },
      scalars: SCALAR_TYPES,
      strictScalars: true,
    },
    plugins: [{ typescript: {} }, { operations: {} }, { typedDocuments: {} }],
    pluginMap: { typescript, operations, typedDocuments },
  });
}

/** Lets drizzle-kit write a migration if the schema has changed. @param {string} app */
function generateMigrations(app) {
  const folder = `apps/${app}/drizzle`;
  // The path must be relative: drizzle-kit puts `./` before it.
  const scratch = relative('.', mkdtempSync(join(tmpdir(), 'migrations-')));
  const out = isCheck ? scratch : folder;
  try {
    if (isCheck) cpSync(folder, scratch, { recursive: true });
    const before = listFiles(out);
    execFileSync(
      'npx',
      [
        '--no-install',
        'drizzle-kit',
        'generate',
        '--dialect=sqlite',
        `--schema=apps/${app}/src/db/schema.ts`,
        `--out=${out}`,
      ],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
        // The schemas import packages. Their sources exist also before a build.
        env: { ...process.env, NODE_OPTIONS: '--conditions=source' },
      },
    );
    const added = listFiles(out).filter((name) => !before.includes(name));
    if (isCheck && added.length > 0) outdated.push(folder);
    if (!isCheck) for (const name of added) console.log(`wrote ${folder}/${name}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @param {string} folder */
function listFiles(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
