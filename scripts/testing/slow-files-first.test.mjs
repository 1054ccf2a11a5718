import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROJECT_FOLDER } from '../bootstrap/project.mjs';
import { SLOW_TEST_FILES } from './slow-files-first.mjs';

test('the slow test files exist', () => {
  expect(SLOW_TEST_FILES.filter((path) => !existsSync(join(PROJECT_FOLDER, path)))).toStrictEqual([]);
});
