import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { getInstallMode } from './install-packages.mjs';

/** @type {ReturnType<typeof temporaryFolder>} */
let folder;
/** @param {string} path @param {string} text @param {number} seconds its time of modification */
function write(path, text, seconds) {
  writeFileSync(join(folder.path, path), text);
  utimesSync(join(folder.path, path), seconds, seconds);
}
beforeEach(() => {
  folder = temporaryFolder();
  write('package-lock.json', '{}', 2);
});
afterEach(() => folder.remove());

/** Simulates what npm ci leaves behind. @param {number} seconds @param {string} [packages] */
function install(seconds, packages = '') {
  mkdirSync(join(folder.path, 'node_modules'), { recursive: true });
  write('node_modules/.package-lock.json', packages, seconds);
}
const DEVELOPMENT = '"dev": true';
const getMode = (withDevelopment = false) => getInstallMode(folder.path, withDevelopment).mode;

test('a fresh clone gets what running needs, or everything for tests', () => {
  expect([getMode(), getMode(true)]).toEqual(['runtime', 'complete']);
});

test('nothing is installed after an installation, also if a developer ran it', () => {
  install(3, DEVELOPMENT);
  expect([getMode(), getMode(true)]).toEqual([undefined, undefined]);
});

test('tests install what a start has left out', () => {
  install(3);
  expect([getMode(), getMode(true)]).toEqual([undefined, 'complete']);
});

test('another lock file is installed, and a complete installation stays complete', () => {
  install(1);
  expect(getMode()).toBe('runtime');
  install(1, DEVELOPMENT);
  expect(getMode()).toBe('complete');
});

test('a lock file that is newer but has not changed is not installed again', () => {
  install(1);
  write('node_modules/.lock-hash', getInstallMode(folder.path, false).hash, 1);
  expect(getMode()).toBeUndefined();
  write('package-lock.json', '{ "changed": true }', 2);
  expect(getMode()).toBe('runtime');
});
