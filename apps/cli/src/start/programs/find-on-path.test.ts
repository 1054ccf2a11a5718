import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findOnPath } from './find-on-path.js';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
  for (const name of ['first', 'second', 'no-program']) {
    writeFileSync(join(folder.path, name), '#!/bin/sh\n');
    chmodSync(join(folder.path, name), name === 'no-program' ? 0o644 : 0o755);
  }
});
afterEach(() => folder.remove());

test('returns the first name that exists in any folder', () => {
  const path = ['/nowhere', folder.path].join(delimiter);
  expect(findOnPath(['absent', 'second', 'first'], path)).toBe(join(folder.path, 'second'));
});

test('ignores a file that is not executable', () => {
  expect(findOnPath(['no-program'], folder.path)).toBeUndefined();
});
