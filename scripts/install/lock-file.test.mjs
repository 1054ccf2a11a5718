import { describe, expect, test } from 'vitest';
import { readProjectJson } from '../shared/project-files.mjs';
import { findOutdatedPackages, getRequiredPackages } from './lock-file.mjs';

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

describe('findOutdatedPackages', () => {
  test('returns nothing if only optional packages and those for other machines are absent', () => {
    expect(findOutdatedPackages(locked, installed, LINUX)).toEqual([]);
  });

  test('returns all required packages if nothing is installed', () => {
    expect(findOutdatedPackages(locked, {}, LINUX)).toEqual([
      'node_modules/a',
      'node_modules/own',
      'node_modules/tool-linux',
    ]);
  });

  test('returns an absent optional package for this machine', () => {
    expect(findOutdatedPackages(locked, installed, { os: 'darwin', cpu: 'x64' })).toEqual([
      'node_modules/tool-darwin',
    ]);
  });

  test.each([
    ['another version', { version: '0.9.0', integrity: 'sha512-a' }],
    ['different content of the same version', { version: '1.0.0', integrity: 'sha512-b' }],
    ['a link in its place', { version: '1.0.0', link: true, resolved: 'elsewhere' }],
  ])('returns a package with %s', (_difference, a) => {
    expect(findOutdatedPackages(locked, { ...installed, 'node_modules/a': a }, LINUX)).toEqual([
      'node_modules/a',
    ]);
  });

  test('returns a link to another folder', () => {
    const moved = { ...installed, 'node_modules/own': { link: true, resolved: 'apps/own' } };
    expect(findOutdatedPackages(locked, moved, LINUX)).toEqual(['node_modules/own']);
  });

  test('ignores an installed package that is not in the lock file', () => {
    expect(
      findOutdatedPackages(locked, { ...installed, 'node_modules/old': { version: '1.0.0' } }, LINUX),
    ).toEqual([]);
  });
});

test.each([
  [['linux'], true],
  [['darwin', 'linux'], true],
  [['darwin'], false],
  [['!win32'], true],
  [['!linux'], false],
])('an optional package for %j: required on Linux is %s', (os, expected) => {
  const required = getRequiredPackages({ 'node_modules/tool': { optional: true, os } }, LINUX);
  expect(required.length === 1).toBe(expected);
});

test('package-lock.json has the optional dependencies of all machines, which npm ci requires', () => {
  /** @typedef {{ optionalDependencies?: Readonly<Record<string, string>> }} Entry */
  const { packages } = /** @type {{ packages: Readonly<Record<string, Entry>> }} */ (
    readProjectJson('package-lock.json')
  );
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !getDependencyFolders(path).some((folder) => `${folder}${name}` in packages),
    ),
  );
  expect(missing).toEqual([]);
});

/** @param {string} path of a package @returns {string[]} folders in which Node looks for its dependencies */
function getDependencyFolders(path) {
  const nested = path
    .split('/node_modules/')
    .map((_, depth, parts) => parts.slice(0, depth + 1).join('/node_modules/'));
  return [...nested.map((parent) => `${parent}/node_modules/`), 'node_modules/'];
}
