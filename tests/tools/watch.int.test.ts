import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchSources } from '../../scripts/lib/tools/dev/watch.mjs';

let folder: ReturnType<typeof temporaryFolder>;
let unwatch: () => void;
let changed: Set<string>;
beforeEach(() => {
  folder = temporaryFolder();
  for (const path of ['packages/platform/src/testing', 'packages/empty', 'apps/reports/src/db']) {
    mkdirSync(join(folder.path, path), { recursive: true });
  }
  writeFileSync(join(folder.path, 'apps/reports/src/db/open.ts'), '');
  changed = new Set();
  unwatch = watchSources(folder.path, (path) => changed.add(path));
});
afterEach(() => {
  unwatch();
  folder.remove();
});

const write = (path: string) => writeFileSync(join(folder.path, path), `${Math.random()}`);

test.each([
  'packages/platform/src/index.ts',
  'apps/reports/src/db/open.ts',
  'apps/reports/schema.graphql',
  'supergraph.yaml',
])('a change of %s is seen', async (path) => {
  write(path);
  await vi.waitFor(() => expect(changed).toContain(path), 5_000);
});

test('a file that an editor puts in the place of another is seen', async () => {
  write('apps/reports/src/db/open.ts.new');
  renameSync(
    join(folder.path, 'apps/reports/src/db/open.ts.new'),
    join(folder.path, 'apps/reports/src/db/open.ts'),
  );
  await vi.waitFor(() => expect(changed).toContain('apps/reports/src/db/open.ts'), 5_000);
});

test('a file in a folder that is made meanwhile is seen', async () => {
  mkdirSync(join(folder.path, 'apps/reports/src/new'));
  await vi.waitFor(() => {
    write('apps/reports/src/new/file.ts');
    expect(changed).toContain('apps/reports/src/new/file.ts');
  }, 5_000);
});
