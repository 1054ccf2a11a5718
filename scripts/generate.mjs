// npm run generate: writes every generated file. With --check it writes nothing and fails if one is out of date.
// --name rule_note names new migrations, --no-migrations skips them.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { codegen } from '@graphql-codegen/core';
import * as typedDocuments from '@graphql-codegen/typed-document-node';
import * as typescript from '@graphql-codegen/typescript';
import * as operations from '@graphql-codegen/typescript-operations';
import * as resolvers from '@graphql-codegen/typescript-resolvers';
import { addTypenameToDocument } from '@apollo/client/utilities';
import { concatAST, Kind, parse, print, separateOperations, Source } from 'graphql';
import { formatter } from '@lingui/format-po';
import { composeSupergraph, CompositionError } from './shared/compose-supergraph.mjs';

const CONTRACTS = '@seguridad-abc/contracts';

/** Parent types of the resolvers, by app and GraphQL type. @type {Record<string, Record<string, string>>} */
const RESOLVER_PARENT_TYPES = {
  monitoring: {
    Rule: `${CONTRACTS}#RuleState`,
    Alarm: `${CONTRACTS}#AlarmState`,
    Device: `${CONTRACTS}#DeviceState`,
    Calendar: `${CONTRACTS}#CalendarState`,
    OpeningException: `${CONTRACTS}#OpeningExceptionState`,
  },
  reports: {
    Rule: `${CONTRACTS}#RuleState`,
    Alarm: `${CONTRACTS}#AlarmState`,
    Device: `${CONTRACTS}#DeviceState`,
    User: '../users/user-queries.js#UserReference',
    Opening: '../domain/read-model.js#ProjectedOpeningState',
    Calendar: '../calendars/calendar-repository.js#CalendarSummary',
    OpeningException: `${CONTRACTS}#OpeningExceptionState`,
    RuleConnection: '../rules/rule-queries.js#RuleConnection as RuleConnectionParent',
    AlarmConnection: '../alarms/alarm-queries.js#AlarmConnection as AlarmConnectionParent',
    AlarmTimelineConnection:
      '../alarms/alarm-queries.js#AlarmTimelineConnection as AlarmTimelineConnectionParent',
    AlarmTimelineEntry: '../domain/read-model.js#AlarmTimelineEntry as AlarmTimelineEntryParent',
    OpeningConnection: '../openings/opening-queries.js#OpeningConnection as OpeningConnectionParent',
    AuditConnection: '../audit/audit-queries.js#AuditConnection as AuditConnectionParent',
    AuditEntry: `${CONTRACTS}#AuditEntry as AuditEntryParent`,
    PageInfo: '../connections/relay-connection.js#AnyNodeConnection',
  },
  heartbeat: {
    ServiceHealth: `${CONTRACTS}#ServiceHealth as ServiceHealthParent`,
    ServiceInstance: `${CONTRACTS}#ServiceInstance as ServiceInstanceParent`,
    HealthTransition: '../domain/health-transitions.js#HealthTransition as HealthTransitionParent',
  },
};

/** JSON types of the scalars, by their GraphQL name. */
const SCALAR_TYPES = {
  ID: 'string',
  Date: 'string',
  DateTime: 'string',
  LocalTime: 'string',
  TimeZone: 'string',
};

/** The operations of the command-line tools. */
const TOOL_OPERATIONS_FILE = 'apps/cli/src/graphql/operations.graphql';

/** The folder of the console, whose screens have their operations in files named operations.graphql. */
const CONSOLE_SOURCES = 'apps/console/src';
const CONSOLE_OPERATIONS_FILES = readdirSync(CONSOLE_SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((name) => basename(name) === 'operations.graphql')
  .map((name) => join(CONSOLE_SOURCES, name))
  .sort();

/** The operations of the clients, by the file of their types. */
const CLIENT_OPERATIONS_FILES = {
  'apps/cli/src/graphql/generated.ts': [TOOL_OPERATIONS_FILE],
  'apps/console/src/api/generated.ts': CONSOLE_OPERATIONS_FILES,
  'examples/react/src/generated.ts': ['examples/react/src/operations.graphql'],
};

/** The operations that the gateway runs in every mode of PERSISTED_OPERATIONS_MODE: those of the tools and of the console. */
const LISTED_OPERATIONS_FILE = 'apps/gateway/src/persisted-operations/generated.ts';
/** The ids of the console's operations, by which it names them. */
const CONSOLE_IDS_FILE = 'apps/console/src/api/generated-ids.ts';

/** The texts of the console. Lingui extracts them from the sources, and keeps the translations. */
const CATALOG_FOLDER = 'apps/console/src/languages';
const CATALOGS = ['en.po', 'es.po'];

/** The databases whose migrations drizzle-kit generates: tables, folder of the migrations, and dialect. */
const DATABASES = [
  { schema: 'apps/monitoring/src/db/sqlite-schema.ts', folder: 'apps/monitoring/drizzle', dialect: 'sqlite' },
  {
    schema: 'apps/monitoring/src/db/postgres-schema.ts',
    folder: 'apps/monitoring/drizzle-postgres',
    dialect: 'postgresql',
  },
  { schema: 'apps/reports/src/db/schema.ts', folder: 'apps/reports/drizzle', dialect: 'sqlite' },
  { schema: 'apps/heartbeat/src/db/sqlite-schema.ts', folder: 'apps/heartbeat/drizzle', dialect: 'sqlite' },
  {
    schema: 'apps/heartbeat/src/db/postgres-schema.ts',
    folder: 'apps/heartbeat/drizzle-postgres',
    dialect: 'postgresql',
  },
];

/** What drizzle-kit prints if it has succeeded. It exits with code 0 also if it has failed. */
const MIGRATION_SUCCESS = /No schema changes, nothing to migrate|Your SQL migration file/;

/** A generated file cannot be written. The message says what to correct. */
class GenerationError extends Error {}

const {
  check: isCheck,
  'no-migrations': withoutMigrations,
  name: migrationName,
} = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    'no-migrations': { type: 'boolean', default: false },
    name: { type: 'string' },
  },
}).values;
/** @type {string[]} */
const outdated = [];

try {
  await generateFiles();
} catch (error) {
  if (!(error instanceof CompositionError || error instanceof GenerationError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function generateFiles() {
  const { supergraph, api, hints } = composeSupergraph('supergraph.yaml');
  for (const hint of hints) console.warn(`hint: ${hint}`);
  if (isCheck && hints.some((hint) => hint.startsWith('INCONSISTENT_DESCRIPTION'))) {
    throw new GenerationError('Descriptions differ: use the same text in every schema.graphql.');
  }
  writeOrCheck('supergraph.graphql', supergraph);
  writeOrCheck('api.graphql', api);
  for (const app of Object.keys(RESOLVER_PARENT_TYPES)) {
    writeOrCheck(`apps/${app}/src/graphql/generated.ts`, await generateResolverTypes(app));
  }
  for (const [typesFile, files] of Object.entries(CLIENT_OPERATIONS_FILES)) {
    writeOrCheck(typesFile, await generateTypedOperations(files, api));
  }
  const consoleOperations = listConsoleOperations();
  writeOrCheck(LISTED_OPERATIONS_FILE, generateListedOperations(listToolOperations(), consoleOperations));
  writeOrCheck(CONSOLE_IDS_FILE, generateOperationIds(consoleOperations));
  if (!withoutMigrations) {
    for (const database of DATABASES) generateMigrations(database);
  }
  await extractMessages();
  if (outdated.length > 0) {
    throw new GenerationError(
      `These generated files are out of date: ${outdated.join(', ')}. Run npm run generate.`,
    );
  }
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

/** @param {string} file */
function parseOperations(file) {
  return parse(new Source(readFileSync(file, 'utf8'), file));
}

/** Generates a client's typed documents: variables and results. @param {readonly string[]} files @param {string} api */
async function generateTypedOperations(files, api) {
  try {
    return await codegen({
      filename: 'generated.ts',
      schema: parse(api),
      documents: files.map((file) => ({ location: file, document: parseOperations(file) })),
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
  } catch (error) {
    throw new GenerationError(
      `${files.join(', ')}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** An operation as the gateway lists it. @typedef {{ id: string, name: string, type: string, body: string }} ListedOperation */

/**
 * Lists operations with the text that their client sends.
 * @param {import('graphql').DocumentNode} document the operations and fragments of a client
 * @param {(document: import('graphql').DocumentNode) => import('graphql').DocumentNode} [transform] what the client does before
 * @returns {ListedOperation[]}
 */
function listOperations(document, transform = (sent) => sent) {
  return Object.entries(separateOperations(document)).map(([name, separated]) => {
    const sent = transform(separated);
    const operation = sent.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
    if (!operation || !('operation' in operation)) throw new GenerationError(`${name} has no operation.`);
    // The typed documents have the operation before its fragments.
    const fragments = sent.definitions.filter((definition) => definition !== operation);
    const body = print({ ...sent, definitions: [operation, ...fragments] });
    const id = createHash('sha256').update(body).digest('hex');
    return { id, name, type: operation.operation, body };
  });
}

function listToolOperations() {
  return listOperations(parseOperations(TOOL_OPERATIONS_FILE));
}

function listConsoleOperations() {
  const document = concatAST(CONSOLE_OPERATIONS_FILES.map(parseOperations));
  // Apollo Client adds `__typename` to each selection before it sends an operation.
  return listOperations(document, (sent) => addTypenameToDocument(sent));
}

/** @param {readonly ListedOperation[]} toolOperations @param {readonly ListedOperation[]} consoleOperations */
function generateListedOperations(toolOperations, consoleOperations) {
  return [
    `// Written by npm run generate from ${TOOL_OPERATIONS_FILE}`,
    `// and the files operations.graphql of ${CONSOLE_SOURCES}.`,
    "import type { ListedOperation } from './safelist.js';",
    '',
    '/** The operations of the command-line tools. */',
    `export const TOOL_OPERATIONS: readonly ListedOperation[] = ${JSON.stringify(toolOperations, undefined, 2)};`,
    '',
    '/** The operations of the console. */',
    `export const CONSOLE_OPERATIONS: readonly ListedOperation[] = ${JSON.stringify(consoleOperations, undefined, 2)};`,
    '',
  ].join('\n');
}

/** @param {readonly ListedOperation[]} operations */
function generateOperationIds(operations) {
  return [
    `// Written by npm run generate from the files operations.graphql of ${CONSOLE_SOURCES}.`,
    '',
    '/** The ids of the operations in the list of the gateway, by their names. */',
    `export const LISTED_OPERATION_IDS = ${JSON.stringify(
      Object.fromEntries(operations.map(({ name, id }) => [name, id])),
      undefined,
      2,
    )};`,
    '',
  ].join('\n');
}

/** Extracts the texts of the console into its catalogues. Every text must have a translation. */
async function extractMessages() {
  const folder = mkdtempSync(join(tmpdir(), 'catalogs-'));
  try {
    for (const name of CATALOGS) {
      const file = join(CATALOG_FOLDER, name);
      if (existsSync(file)) cpSync(file, join(folder, name));
    }
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [resolve('node_modules/@lingui/cli/dist/lingui.js'), 'extract', '--clean'],
      { cwd: 'apps/console', encoding: 'utf8', env: { ...process.env, CATALOG_FOLDER: folder } },
    );
    if (status !== 0) throw new GenerationError(`lingui extract failed:\n${stderr.trim() || stdout.trim()}`);
    for (const name of CATALOGS) {
      const file = join(CATALOG_FOLDER, name);
      const text = readFileSync(join(folder, name), 'utf8');
      writeOrCheck(file, text);
      const untranslated = await listUntranslated(name, text);
      if (isCheck && untranslated.length > 0) {
        throw new GenerationError(`${file} has no translation of: ${untranslated.join(' | ')}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} filename @param {string} text of a catalogue */
async function listUntranslated(filename, text) {
  const catalog = await formatter().parse(text, { locale: null, sourceLocale: 'en', filename });
  return Object.values(catalog).flatMap(({ translation, message }) => (translation ? [] : [message ?? '?']));
}

/** Lets drizzle-kit write a migration if the schema has changed. @param {typeof DATABASES[number]} database */
function generateMigrations({ schema, folder, dialect }) {
  // The path must be relative: drizzle-kit puts `./` before it.
  const scratch = relative('.', mkdtempSync(join(tmpdir(), 'migrations-')));
  const out = isCheck ? scratch : folder;
  try {
    if (isCheck) cpSync(folder, scratch, { recursive: true });
    const before = listFiles(out);
    runDrizzleKit({ schema, dialect }, out);
    const added = listFiles(out).filter((name) => !before.includes(name));
    if (isCheck && added.length > 0) outdated.push(folder);
    if (!isCheck) for (const name of added) console.log(`wrote ${folder}/${name}`);
    checkMigrationFiles(folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @param {{ schema: string, dialect: string }} database @param {string} out @throws {GenerationError} if drizzle-kit fails */
function runDrizzleKit({ schema, dialect }, out) {
  const args = ['node_modules/drizzle-kit/bin.cjs', 'generate', `--dialect=${dialect}`];
  args.push(`--schema=${schema}`, `--out=${out}`);
  if (migrationName !== undefined) args.push(`--name=${migrationName}`);
  // The schemas import packages. Their sources exist also before a build.
  const env = { ...process.env, NODE_OPTIONS: '--conditions=source' };

  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    env,
  });
  if (status === 0 && MIGRATION_SUCCESS.test(stdout)) return;
  if (!`${stdout}${stderr}`.includes('Interactive prompts require a TTY')) {
    throw new GenerationError(`drizzle-kit failed for ${schema}:\n${stderr.trim() || stdout.trim()}`);
  }
  if (isCheck || !process.stdin.isTTY || !process.stdout.isTTY) {
    throw new GenerationError(
      `drizzle-kit has to ask whether a column or table in ${schema} is new or renamed: run npm run generate in a terminal.`,
    );
  }
  const filesBefore = listFiles(out).length;
  spawnSync(process.execPath, args, { stdio: 'inherit', env });
  if (listFiles(out).length === filesBefore) {
    throw new GenerationError(`drizzle-kit wrote no migration to ${out}. Run npm run generate again.`);
  }
}

/** Checks that the journal names every SQL file of a folder, and no other. @param {string} folder */
function checkMigrationFiles(folder) {
  const journal = `${folder}/meta/_journal.json`;
  const content = /** @type {unknown} */ (JSON.parse(readFileSync(journal, 'utf8')));
  const { entries } = /** @type {{ entries: { tag: string }[] }} */ (content);
  const named = entries.map(({ tag }) => `${tag}.sql`);
  const present = listFiles(folder).filter((name) => name.endsWith('.sql'));
  const missing = named.filter((name) => !present.includes(name));
  const unnamed = present.filter((name) => !named.includes(name));
  if (missing.length > 0) {
    throw new GenerationError(
      `${journal} names ${missing.join(', ')}, which ${folder} does not contain: give the file and its tag the same name.`,
    );
  }
  if (unnamed.length > 0) {
    throw new GenerationError(
      `${journal} does not name ${unnamed.join(', ')}, so it never runs: give the file and its tag the same name, or delete the file.`,
    );
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
