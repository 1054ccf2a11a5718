// Writes everything that is made from something else, or with --check only tells what is out of step.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as typedDocuments from '@graphql-codegen/typed-document-node';
import * as typescript from '@graphql-codegen/typescript';
import * as operations from '@graphql-codegen/typescript-operations';
import * as resolvers from '@graphql-codegen/typescript-resolvers';
import { parse } from 'graphql';
import { compose } from './lib/compose.mjs';

const CONTRACTS = '@seguridad-abc/contracts';

/** What the resolvers of an app get as parent, by GraphQL type. @type {Record<string, Record<string, string>>} */
const MAPPERS = {
  monitoring: { Rule: `${CONTRACTS}#RuleState`, Alarm: `${CONTRACTS}#AlarmState` },
  reports: {
    Rule: `${CONTRACTS}#RuleState`,
    Alarm: `${CONTRACTS}#AlarmState`,
    User: '../users/user-queries.js#UserReference',
    Opening: '../domain/read-model.js#ProjectedOpening',
    RuleConnection: '../rules/rule-queries.js#RuleConnection as RuleConnectionParent',
    AlarmConnection: '../alarms/alarm-queries.js#AlarmConnection as AlarmConnectionParent',
    PageInfo: '../connections/relay-connection.js#AnyConnection',
  },
  heartbeat: {
    ServiceHealth: `${CONTRACTS}#ServiceHealthSnapshot`,
    ServiceInstance: `${CONTRACTS}#ServiceInstanceSnapshot`,
    HealthTransition: '../domain/health-transitions.js#HealthTransition as HealthTransitionParent',
  },
};

/** As they are in JSON, by GraphQL's name. */
const SCALARS = { ID: 'string', DateTime: 'string', LocalTime: 'string', TimeZone: 'string' };

/** A file with the operations of a client. */
const OPERATIONS = 'examples/react/src/operations.graphql';

/** Apps with a database. */
const MIGRATED = ['monitoring', 'reports', 'heartbeat'];

const check = process.argv.includes('--check');
/** @type {string[]} */
const outOfStep = [];

const { supergraph, api } = compose('supergraph.yaml');
put('supergraph.graphql', supergraph);
put('api.graphql', api);
for (const app of Object.keys(MAPPERS)) put(`apps/${app}/src/graphql/generated.ts`, await resolverTypes(app));
put(join(dirname(OPERATIONS), 'generated.ts'), await typedOperations(OPERATIONS, api));
if (!process.argv.includes('--no-migrations')) for (const app of MIGRATED) migrations(app);

if (outOfStep.length > 0) {
  console.error(`Out of step with their sources: ${outOfStep.join(', ')}. Run npm run generate.`);
  process.exitCode = 1;
}

/** @param {string} file @param {string} content */
function put(file, content) {
  let present;
  try {
    present = readFileSync(file, 'utf8');
  } catch {
    present = undefined;
  }
  if (present === content) return;
  if (check) outOfStep.push(file);
  else writeFileSync(file, content);
}

/** @param {string} app */
function resolverTypes(app) {
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
      mappers: MAPPERS[app],
      scalars: { ...SCALARS, _FieldSet: 'string' },
      strictScalars: true,
    },
    plugins: [{ typescript: {} }, { resolvers: {} }],
    pluginMap: { typescript, resolvers },
  });
}

/** Operations of a client with the types of their variables and answers. @param {string} file @param {string} api */
function typedOperations(file, api) {
  return codegen({
    filename: 'generated.ts',
    schema: parse(api),
    documents: [{ location: file, document: parse(readFileSync(file, 'utf8')) }],
    config: {
      useTypeImports: true,
      enumsAsTypes: true,
      immutableTypes: true,
      onlyOperationTypes: true,
      skipTypename: true,
      avoidOptionals: { field: true },
      scalars: SCALARS,
      strictScalars: true,
    },
    plugins: [{ typescript: {} }, { operations: {} }, { typedDocuments: {} }],
    pluginMap: { typescript, operations, typedDocuments },
  });
}

/** Lets drizzle-kit write the migration from the last one to the present schema. @param {string} app */
function migrations(app) {
  const folder = `apps/${app}/drizzle`;
  // Relative: drizzle-kit puts `./` before it.
  const scratch = relative('.', mkdtempSync(join(tmpdir(), 'migrations-')));
  const out = check ? scratch : folder;
  try {
    if (check) cpSync(folder, scratch, { recursive: true });
    const before = list(out);
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
        // The schemas import the packages, whose sources are there before a build is.
        env: { ...process.env, NODE_OPTIONS: '--conditions=source' },
      },
    );
    if (check && list(out) !== before) outOfStep.push(folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @param {string} folder */
function list(folder) {
  try {
    return readdirSync(folder).sort().join();
  } catch {
    return '';
  }
}
