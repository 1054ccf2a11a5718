import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { findPromtool } from '../scripts/testing/promtool.mjs';

const promtool = findPromtool();

// npm test installs promtool where it can.
test.skipIf(promtool === undefined).each([
  ['the alert rules are valid', ['check', 'rules', 'alerts.yml']],
  ['the alerts fire when they should', ['test', 'rules', 'alerts.test.yml']],
  ['the example of a scrape configuration is valid', ['check', 'config', '--syntax-only', 'prometheus.yml']],
])('%s (skipped without promtool: install prometheus)', (_, args) => {
  const { status, stdout, stderr } = spawnSync(promtool ?? '', args, {
    cwd: 'ops/prometheus',
    encoding: 'utf8',
  });
  expect(`${stdout}${stderr}`).toMatch(/SUCCESS/);
  expect(status).toBe(0);
});
