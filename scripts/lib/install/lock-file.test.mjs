import { describe, expect, test } from 'vitest';
import { readJson } from '../read-json.mjs';
import { outOfDate, requiredPackages } from './lock-file.mjs';

const LINUX = { os: 'linux', cpu: 'x64' };
const locked = {
  '': { version: '1.0.0' },
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/own': { link: true, resolved: 'packages/own' },
  'node_modules/extra': { version: '1.0.0', optional: true },
  'node_modules/tool-linux': { version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'] },
  'node_modules/tool-musl': { version: '1.0.0', optional: true, os: ['linux'], libc: ['musl'] },
  'node_modules/tool-darwin': { version: '1.0.0', optional: true, os: ['darwin'], cpu: ['x64'] },
};
const installed = {
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/own': { link: true, resolved: 'packages/own' },
  'node_modules/tool-linux': { version: '1.0.0' },
};

describe('outOfDate', () => {
  test('nothing, where what is optional or for another platform alone is absent', () => {
    expect(outOfDate(locked, installed, LINUX)).toEqual([]);
  });

  test('all that is required, where nothing is installed', () => {
    expect(outOfDate(locked, {}, LINUX)).toEqual([
      'node_modules/a',
      'node_modules/own',
      'node_modules/tool-linux',
    ]);
  });

  test('an optional package made for this platform', () => {
    expect(outOfDate(locked, installed, { os: 'darwin', cpu: 'x64' })).toEqual(['node_modules/tool-darwin']);
  });

  test.each([
    ['another version', { version: '0.9.0', integrity: 'sha512-a' }],
    ['another content of the same version', { version: '1.0.0', integrity: 'sha512-b' }],
    ['a link in its place', { version: '1.0.0', link: true, resolved: 'elsewhere' }],
  ])('%s', (_what, a) => {
    expect(outOfDate(locked, { ...installed, 'node_modules/a': a }, LINUX)).toEqual(['node_modules/a']);
  });

  test('a link to another folder', () => {
    const moved = { ...installed, 'node_modules/own': { link: true, resolved: 'apps/own' } };
    expect(outOfDate(locked, moved, LINUX)).toEqual(['node_modules/own']);
  });

  test('not what is installed and no longer wanted', () => {
    expect(outOfDate(locked, { ...installed, 'node_modules/old': { version: '1.0.0' } }, LINUX)).toEqual([]);
  });
});

test.each([
  [['linux'], true],
  [['darwin', 'linux'], true],
  [['darwin'], false],
  [['!win32'], true],
  [['!linux'], false],
])('of an optional package for %j it is %s that Linux requires it', (os, expected) => {
  const required = requiredPackages({ 'node_modules/tool': { optional: true, os } }, LINUX);
  expect(required.length === 1).toBe(expected);
});

test('package-lock.json has every package that another may want for some platform: npm ci refuses it otherwise', () => {
  /** @typedef {{ optionalDependencies?: Readonly<Record<string, string>> }} Entry */
  const { packages } = /** @type {{ packages: Readonly<Record<string, Entry>> }} */ (
    readJson('package-lock.json')
  );
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !foldersFrom(path).some((folder) => `${folder}${name}` in packages),
    ),
  );
  expect(missing).toEqual([]);
});

/** @param {string} path of a package @returns {string[]} where Node looks for what it needs */
function foldersFrom(path) {
  const nested = path
    .split('/node_modules/')
    .map((_, depth, parts) => parts.slice(0, depth + 1).join('/node_modules/'));
  return [...nested.map((parent) => `${parent}/node_modules/`), 'node_modules/'];
}
