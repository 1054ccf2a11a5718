import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findRunningStart, recordStart } from './running-start.js';

const START = { url: 'http://127.0.0.1:5000', addresses: { GATEWAY_PORT: '5000' } };
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

test('a start is found while its record exists, which only its user can read', () => {
  expect(findRunningStart(folder.path)).toBeUndefined();
  const removeRecord = recordStart(folder.path, START);
  expect(findRunningStart(folder.path)).toEqual({ pid: process.pid, ...START });
  expect(statSync(join(folder.path, 'start.json')).mode & 0o777).toBe(0o600);
  removeRecord();
  expect(findRunningStart(folder.path)).toBeUndefined();
});

test('the record of a process that was killed is ignored', () => {
  recordStart(folder.path, START);
  const file = join(folder.path, 'start.json');
  const ended = spawnSync('true').pid;
  writeFileSync(file, readFileSync(file, 'utf8').replace(String(process.pid), String(ended)));
  expect(findRunningStart(folder.path)).toBeUndefined();
});
