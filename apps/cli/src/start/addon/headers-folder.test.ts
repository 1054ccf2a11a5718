import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findHeadersFolder } from './sqlite-addon.js';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => void (folder = temporaryFolder()));
afterEach(() => folder.remove());

/** Writes the header that has the version of Node. */
function writeHeaders(path: string, version: string) {
  const file = join(folder.path, path);
  mkdirSync(dirname(file), { recursive: true });
  const names = ['MAJOR', 'MINOR', 'PATCH'];
  const lines = version
    .split('.')
    .map((part, index) => `#define NODE_${names[index] ?? ''}_VERSION ${part}\n`);
  writeFileSync(file, lines.join(''));
}

test.each(['include/node/node_version.h', 'src/node_version.h'])(
  'the headers of the setting nodedir are used: %s',
  (path) => {
    writeHeaders(path, process.versions.node);
    expect(findHeadersFolder(folder.path)).toBe(folder.path);
  },
);

test('headers of another version of Node are not used', () => {
  writeHeaders('include/node/node_version.h', '1.2.3');
  expect(findHeadersFolder(folder.path)).toBe(findHeadersFolder(undefined));
});
