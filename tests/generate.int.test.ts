import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const PROJECT_FOLDER = fileURLToPath(new URL('..', import.meta.url));
const APP_INPUTS = ['monitoring', 'reports', 'heartbeat'].flatMap((app) =>
  ['schema.graphql', 'package.json', 'drizzle', 'src/db', 'src/graphql'].map((path) => `apps/${app}/${path}`),
);
/** What the script reads and writes. */
const COPIED_PATHS = [
  ...['package.json', 'supergraph.yaml', 'supergraph.graphql', 'api.graphql'],
  ...APP_INPUTS,
  'apps/gateway/src/persisted-operations',
  ...['apps/console/package.json', 'apps/console/lingui.config.ts', 'apps/console/src'],
  ...['apps/cli/src/graphql', 'examples/react/src/operations.graphql', 'examples/react/src/generated.ts'],
];
const MIGRATIONS = 'apps/monitoring/drizzle';
/** The script starts drizzle-kit up to three times. */
const TIMEOUT_MS = 120_000;

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
  for (const path of COPIED_PATHS) {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true });
    cpSync(join(PROJECT_FOLDER, path), join(folder.path, path), { recursive: true });
  }
  symlinkSync(join(PROJECT_FOLDER, 'node_modules'), join(folder.path, 'node_modules'));
});
afterEach(() => folder.remove());

function replaceInFile(path: string, text: string, replacement: string): void {
  const file = join(folder.path, path);
  const content = readFileSync(file, 'utf8');
  expect(content).toContain(text);
  writeFileSync(file, content.replace(text, replacement));
}

/** Runs the script on the copy. It has no terminal. */
async function generate(...args: string[]): Promise<{ code: number; stderr: string }> {
  const script = join(PROJECT_FOLDER, 'scripts', 'generate.mjs');
  try {
    const { stderr } = await promisify(execFile)(process.execPath, [script, ...args], { cwd: folder.path });
    return { code: 0, stderr };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { code, stderr };
  }
}

describe('npm run generate', { timeout: TIMEOUT_MS }, () => {
  it('reports a type that a schema does not define, without a stack', async () => {
    replaceInFile('apps/monitoring/schema.graphql', 'days: [Weekday!]!', 'days: [Weekdy!]!');
    const { code, stderr } = await generate('--no-migrations');
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/Unknown type "?Weekdy/) as string,
    });
    expect(stderr).not.toMatch(/\.m?js:\d/);
  });

  it('reports a field that an operation selects and the schema does not have, without a stack', async () => {
    replaceInFile('apps/cli/src/graphql/operations.graphql', '  timeZone\n', '  timeZones\n');
    const { code, stderr } = await generate('--no-migrations');
    expect(code).toBe(1);
    expect(stderr).toContain('apps/cli/src/graphql/operations.graphql');
    expect(stderr).toContain('timeZones');
    expect(stderr).not.toMatch(/\.m?js:\d/);
  });

  it('prints a hint if descriptions differ between the subgraphs, and fails with --check', async () => {
    replaceInFile('apps/reports/schema.graphql', 'An instant in RFC 3339.', 'A point in time.');
    const hint = expect.stringContaining('hint: INCONSISTENT_DESCRIPTION: Element "DateTime"') as string;
    expect(await generate('--no-migrations')).toMatchObject({ code: 0, stderr: hint });
    expect(await generate('--check', '--no-migrations')).toMatchObject({ code: 1, stderr: hint });
  });

  it('fails with --check if a text of the console has no translation', async () => {
    const list = 'apps/console/src/screens/services/incident-list.tsx';
    replaceInFile(list, '<Trans>No incidents</Trans>', '<Trans>Nothing happened</Trans>');
    const { code, stderr } = await generate('--check', '--no-migrations');
    expect(code).toBe(1);
    expect(stderr).toContain('apps/console/src/languages/es.po has no translation of: Nothing happened');
  });

  it('fails if drizzle-kit has to ask whether a column is renamed', async () => {
    replaceInFile('apps/monitoring/src/db/schema.ts', "text('user_id')", "text('owner_id')");
    expect(await generate()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('run npm run generate in a terminal') as string,
    });
  });

  it('fails if drizzle-kit cannot read the tables', async () => {
    replaceInFile('apps/monitoring/src/db/schema.ts', 'createTable(', 'createTabel(');
    expect(await generate('--check')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('createTabel is not defined') as string,
    });
  });

  it('names a new migration, and finds that its SQL file is renamed without its tag', async () => {
    replaceInFile(
      'apps/monitoring/src/db/schema.ts',
      'id: text().primaryKey(),\n',
      'id: text().primaryKey(), color: text(),\n',
    );
    expect((await generate('--name', 'rule_color')).code).toBe(0);
    const migrations = join(folder.path, MIGRATIONS);
    const file = readdirSync(migrations).find((name) => name.endsWith('_rule_color.sql')) ?? '';
    renameSync(join(migrations, file), join(migrations, '9999_color.sql'));
    expect(await generate('--check')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`_journal.json names ${file}`) as string,
    });
  });
});
