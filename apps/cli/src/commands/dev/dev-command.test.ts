import { expect, test } from 'vitest';
import { describeRestart } from './dev-command.js';

test.each([
  [['monitoring', 'reports'], 'Built. Restarting: monitoring, reports.'],
  [[], 'Built. No service uses the changed files, so none restarts.'],
])('after a build that concerns %j', (services, notice) => {
  expect(describeRestart(services)).toBe(notice);
});
