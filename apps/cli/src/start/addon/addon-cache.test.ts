import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findCachedAddon, getAddonCacheFolder, storeAddon } from './addon-cache.js';

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
  const path = getAddonCacheFolder('12.0.0', { XDG_CACHE_HOME: '/cache' });
  const { platform, arch, versions } = process;
  expect(path).toMatch(
    new RegExp(`^/cache/seguridad-abc/better-sqlite3/12\\.0\\.0/abi${versions.modules}-${platform}-${arch}`),
  );
  expect(getAddonCacheFolder('12.0.0', {})).toMatch(/\/\.cache\/seguridad-abc\//);
});

test('finds a stored addon', () => {
  const cache = join(folder.path, 'cache');
  expect(findCachedAddon(cache)).toBeUndefined();
  store(cache, 'compiled');
  expect(readFileSync(findCachedAddon(cache) ?? '', 'utf8')).toBe('compiled');
});

test('removes a damaged addon', () => {
  const cache = join(folder.path, 'cache');
  store(cache, 'compiled');
  writeFileSync(findCachedAddon(cache) ?? '', 'damaged');
  expect(findCachedAddon(cache)).toBeUndefined();
  expect(readdirSync(cache)).toEqual([]);
});

test('keeps the last addon only, and no temporary file', () => {
  const cache = join(folder.path, 'cache');
  store(cache, 'compiled');
  store(cache, 'compiled again');
  expect(readdirSync(cache)).toHaveLength(1);
  expect(readFileSync(findCachedAddon(cache) ?? '', 'utf8')).toBe('compiled again');
});
