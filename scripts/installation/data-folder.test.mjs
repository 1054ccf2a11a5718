import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROJECT_FOLDER } from '../shared/project-files.mjs';
import { DATA_FOLDER_LOCK_MODULE } from './data-folder.mjs';

test('the lock module exists in the package platform', () => {
  expect(
    existsSync(join(PROJECT_FOLDER, 'packages', 'platform', 'src', `${DATA_FOLDER_LOCK_MODULE}.ts`)),
  ).toBe(true);
});
