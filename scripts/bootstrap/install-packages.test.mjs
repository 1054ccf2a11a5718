import { expect, test } from 'vitest';
import { planInstallation } from './install-packages.mjs';

const RUNTIME = { 'node_modules/a': { integrity: 'a1' } };
const LOCKED = {
  '': {},
  ...RUNTIME,
  'node_modules/tool': { integrity: 'tool1', dev: true },
  'node_modules/other-system': { integrity: 'other1', optional: true },
};
/** @param {import('./install-packages.mjs').Packages} installed @param {boolean} withDevelopment */
const plan = (installed, withDevelopment = false) => planInstallation(LOCKED, installed, withDevelopment);
const RUNTIME_PATHS = ['node_modules/a'];
const ALL_PATHS = ['node_modules/a', 'node_modules/tool'];

test('a fresh clone gets what running needs, or everything for tests', () => {
  expect(plan({})).toEqual({ missing: RUNTIME_PATHS, args: ['ci', '--omit=dev'] });
  expect(plan({}, true)).toEqual({ missing: ALL_PATHS, args: ['ci', '--include=dev'] });
});

test('nothing is installed after an installation', () => {
  expect(plan(RUNTIME).missing).toEqual([]);
  expect(plan(LOCKED, true).missing).toEqual([]);
});

test('what tests need is added, and no package that a service may run is removed', () => {
  expect(plan(RUNTIME, true)).toEqual({
    missing: ['node_modules/tool'],
    args: ['install', '--no-save', '--include=dev'],
  });
});

test('a changed package is replaced, and a complete installation stays complete', () => {
  expect(plan({ 'node_modules/a': { integrity: 'a0' } })).toEqual({
    missing: RUNTIME_PATHS,
    args: ['install', '--no-save', '--omit=dev'],
  });
  expect(plan({ 'node_modules/tool': { integrity: 'tool1', dev: true } })).toEqual({
    missing: RUNTIME_PATHS,
    args: ['install', '--no-save', '--include=dev'],
  });
});
