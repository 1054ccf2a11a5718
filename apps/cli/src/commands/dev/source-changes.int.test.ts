import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchSourceFiles } from './source-changes.js';

let folder: ReturnType<typeof temporaryFolder>;
let stopWatching: () => void;
let changed: Set<string>;
beforeEach(() => {
  folder = temporaryFolder();
  for (const path of ['packages/platform/src/testing', 'packages/empty', 'apps/reports/src/db']) {
    mkdirSync(join(folder.path, path), { recursive: true });
  }
  writeFileSync(join(folder.path, 'apps/reports/src/db/open.ts'), '');
  changed = new Set();
  stopWatching = watchSourceFiles(folder.path, (path) => changed.add(path));
});
afterEach(() => {
  stopWatching();
  folder.remove();
});

const writeFile = (path: string) => writeFileSync(join(folder.path, path), `${Math.random()}`);

test.each([
  'packages/platform/src/index.ts',
  'apps/reports/src/db/open.ts',
  'apps/reports/schema.graphql',
  'supergraph.yaml',
])('a change of %s is reported', async (path) => {
  writeFile(path);
  await eventually(() => expect(changed).toContain(path));
});

test('a file that replaces another one is reported', async () => {
  writeFile('apps/reports/src/db/open.ts.new');
  renameSync(
    join(folder.path, 'apps/reports/src/db/open.ts.new'),
    join(folder.path, 'apps/reports/src/db/open.ts'),
  );
  await eventually(() => expect(changed).toContain('apps/reports/src/db/open.ts'));
});

test('a file in a new folder is reported', async () => {
  mkdirSync(join(folder.path, 'apps/reports/src/new'));
  await eventually(() => {
    writeFile('apps/reports/src/new/file.ts');
    expect(changed).toContain('apps/reports/src/new/file.ts');
  });
});
