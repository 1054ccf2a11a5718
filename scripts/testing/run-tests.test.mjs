import { expect, test } from 'vitest';
import { parseTestArguments } from './run-tests.mjs';

test('no --project selects all projects', () => {
  expect(parseTestArguments([])).toEqual({ projects: [], vitestArgs: [] });
});

test('--project selects projects, and the other arguments keep their order', () => {
  expect(
    parseTestArguments(['apps/reports', '--project', 'unit', '-t', 'a name', '--project=integration']),
  ).toEqual({ projects: ['unit', 'integration'], vitestArgs: ['apps/reports', '-t', 'a name'] });
});
