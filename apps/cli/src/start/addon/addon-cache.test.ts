import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findCachedAddon, getMachineAddonFolder, storeAddon } from './addon-cache.js';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => void (folder = temporaryFolder()));
afterEach(() => folder.remove());

/** Stores an addon in the cache. */
function store(cache: string, content: string) {
  const addon = join(folder.path, 'better_sqlite3.node');
  writeFileSync(addon, content);
  storeAddon(cache, addon);
}

test('the folder is of the user, and of one version, Node and machine', () => {
  const path = getMachineAddonFolder('12.0.0', { XDG_CACHE_HOME: '/cache' });
  const { platform, arch, versions } = process;
  expect(path).toMatch(
    new RegExp(`^/cache/seguridad-abc/better-sqlite3/12\\.0\\.0/abi${versions.modules}-${platform}-${arch}`),
  );
  expect(getMachineAddonFolder('12.0.0', {})).toMatch(/\/\.cache\/seguridad-abc\//);
  expect(getMachineAddonFolder('12.0.0', { XDG_CACHE_HOME: 'relative' })).toBe(
    getMachineAddonFolder('12.0.0', {}),
  );
});

test('finds a stored addon', () => {
  const cache = join(folder.path, 'cache');
  expect(findCachedAddon(cache)).toBeUndefined();
  store(cache, 'compiled');
  expect(readFileSync(findCachedAddon(cache) ?? '', 'utf8')).toBe('compiled');
});

test('skips a damaged addon', () => {
  const cache = join(folder.path, 'cache');
  store(cache, 'compiled');
  writeFileSync(findCachedAddon(cache) ?? '', 'damaged');
  expect(findCachedAddon(cache)).toBeUndefined();
});

test('skips an addon that other users could have written', () => {
  const cache = join(folder.path, 'cache');
  store(cache, 'compiled');
  const file = findCachedAddon(cache) ?? '';
  chmodSync(file, 0o775);
  expect(findCachedAddon(cache)).toBeUndefined();
  chmodSync(file, 0o755);
  expect(findCachedAddon(cache)).toBe(file);
  chmodSync(cache, 0o777);
  expect(findCachedAddon(cache)).toBeUndefined();
});

test('skips a link and a folder', () => {
  const cache = join(folder.path, 'cache');
  store(cache, 'compiled');
  const file = findCachedAddon(cache) ?? '';
  renameSync(file, join(folder.path, 'elsewhere'));
  symlinkSync(join(folder.path, 'elsewhere'), file);
  mkdirSync(join(cache, `${'0'.repeat(64)}.node`));
  expect(findCachedAddon(cache)).toBeUndefined();
});

test('keeps the last addon only, and no temporary file', () => {
  const cache = join(folder.path, 'cache');
  store(cache, 'compiled');
  store(cache, 'compiled again');
  expect(readdirSync(cache)).toHaveLength(1);
  expect(readFileSync(findCachedAddon(cache) ?? '', 'utf8')).toBe('compiled again');
});
