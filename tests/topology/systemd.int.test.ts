import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath, SERVICES } from '@seguridad-abc/cli';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { expect, test } from 'vitest';

const UNIT_FILE = 'deploy/systemd/seguridad-abc@.service';
const unit = readFileSync(UNIT_FILE, 'utf8');
const systemdAnalyze = findOnPath(['systemd-analyze']);
/** The greatest exposure that `systemd-analyze security` may find, of 100. */
const MAX_EXPOSURE = 20;

const readSeconds = (name: string) => Number(new RegExp(`^${name}=(\\d+)s$`, 'm').exec(unit)?.[1]);

test('the unit runs each service as its npm script does', () => {
  const [, command = ''] = /^ExecStart=\/usr\/bin\/(.*)$/m.exec(unit) ?? [];
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  for (const { name } of SERVICES) expect(scripts[name]).toBe(`exec ${command.replace('%i', name)}`);
  expect(existsSync('scripts/run-service.mjs')).toBe(true);
});

test('the unit allows threads that plan operations to lower their priority', () => {
  const filters = [...unit.matchAll(/^SystemCallFilter=(.*)$/gm)].map(([, filter]) => filter);
  expect(filters.at(-1)).toBe('setpriority');
  expect(filters).toContain('~@privileged @resources');
});

test('the unit gives a service the time to let clients finish and to stop', () => {
  const runService = readFileSync('packages/platform/src/run-service.ts', 'utf8');
  const readMs = (constant: string) =>
    Number(new RegExp(`${constant} = ([\\d_]+)`).exec(runService)?.[1]?.replaceAll('_', ''));
  expect(readSeconds('TimeoutStopSec') * 1_000).toBeGreaterThan(
    readMs('DRAIN_TIMEOUT_MS') + readMs('STOP_TIMEOUT_MS'),
  );
});

test.skipIf(systemdAnalyze === undefined)(
  'the unit is valid for systemd, and leaves a service little that it could harm (skipped without systemd)',
  () => {
    const folder = temporaryFolder();
    try {
      // Node.js may be elsewhere on this machine.
      const file = join(folder.path, 'seguridad-abc@.service');
      writeFileSync(file, unit.replace('/usr/bin/node', process.execPath));
      const verify = spawnSync(systemdAnalyze ?? '', ['verify', '--man=no', file], { encoding: 'utf8' });
      expect([verify.status, verify.stderr]).toEqual([0, '']);
      const args = ['security', '--offline=true', `--threshold=${MAX_EXPOSURE}`, '--no-pager', file];
      const security = spawnSync(systemdAnalyze ?? '', args, { encoding: 'utf8' });
      expect([security.status, security.stdout.split('\n').findLast((line) => line.startsWith('→'))]).toEqual(
        [0, expect.stringContaining('Overall exposure level')],
      );
    } finally {
      folder.remove();
    }
  },
);
