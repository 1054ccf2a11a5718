import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  ensureSqliteAddon,
  findCachedAddon,
  findSqliteAddonProblem,
  getMachineAddonFolder,
  storeAddon,
} from '@seguridad-abc/cli';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const require = createRequire(new URL('../../packages/platform/package.json', import.meta.url));
const better = dirname(require.resolve('better-sqlite3/package.json'));
const { version } = require('better-sqlite3/package.json') as { version: string };
const ADDON = join('build', 'Release', 'better_sqlite3.node');
const { signal } = new AbortController();
let folder: ReturnType<typeof temporaryFolder>;
let installedAddon: string;

/** Makes a project whose better-sqlite3 has the sources of ours and no addon, and a cache that has our addon. */
beforeEach(() => {
  folder = temporaryFolder();
  const packageFolder = join(folder.path, 'node_modules', 'better-sqlite3');
  for (const path of ['lib', 'package.json'])
    cpSync(join(better, path), join(packageFolder, path), { recursive: true });
  for (const name of ['bindings', 'file-uri-to-path']) {
    symlinkSync(join(dirname(better), name), join(folder.path, 'node_modules', name));
  }
  mkdirSync(join(folder.path, 'packages', 'platform'), { recursive: true });
  writeFileSync(join(folder.path, 'packages', 'platform', 'package.json'), '{}');
  installedAddon = join(packageFolder, ADDON);
  mkdirSync(dirname(installedAddon), { recursive: true });
  vi.stubEnv('XDG_CACHE_HOME', join(folder.path, 'cache'));
  storeAddon(getMachineAddonFolder(version), join(better, ADDON));
});
afterEach(() => {
  vi.unstubAllEnvs();
  folder.remove();
});

/**
 * Changes the ABI that an addon declares: in the name of a function that Node looks for, and in its `node_module`
 * structure, which begins with it. The structure's next three fields are empty in the file.
 */
function setAddonAbi(addon: Buffer, from: number, to: number): Buffer {
  const text = addon
    .toString('latin1')
    .replaceAll(`module_v${from}`, `module_v${String(to).padStart(3, '0')}`);
  const changed = Buffer.from(text, 'latin1');
  for (let offset = 0; offset + 16 <= changed.length; offset += 8) {
    const isStructure =
      changed.readUInt32LE(offset) === from && !changed.subarray(offset + 4, offset + 16).some(Boolean);
    if (isStructure) changed.writeUInt32LE(to, offset);
  }
  return changed;
}

async function ensure(): Promise<string[]> {
  const lines: string[] = [];
  await ensureSqliteAddon({ log: (line) => void lines.push(line), signal, project: folder.path });
  return lines;
}

test('a second clone uses the cached addon and says nothing', async () => {
  expect(await findSqliteAddonProblem(signal, folder.path)).toMatch(/Could not locate the bindings file/);
  expect(await ensure()).toEqual([]);
  expect(await findSqliteAddonProblem(signal, folder.path)).toBeUndefined();
});

test('an addon for another Node is named and replaced', async () => {
  const abi = process.versions.modules;
  writeFileSync(installedAddon, setAddonAbi(readFileSync(join(better, ADDON)), Number(abi), 42));
  expect(await findSqliteAddonProblem(signal, folder.path)).toMatch(/NODE_MODULE_VERSION 42\b/);
  expect(await ensure()).toEqual([
    `The installed better-sqlite3 is for another version of Node (ABI 42), not for Node ${process.versions.node} (ABI ${abi}). Replacing it.`,
  ]);
  expect(await findSqliteAddonProblem(signal, folder.path)).toBeUndefined();
});

test('an addon that loads is left alone, and kept for the next clone', async () => {
  cpSync(join(better, ADDON), installedAddon);
  vi.stubEnv('XDG_CACHE_HOME', join(folder.path, 'empty cache'));
  expect(await ensure()).toEqual([]);
  expect(findCachedAddon(getMachineAddonFolder(version))).toBeDefined();
});
