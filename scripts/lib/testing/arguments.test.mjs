import { expect, test } from 'vitest';
import { parseTestArguments } from './arguments.mjs';

test('without a project all of them are meant', () => {
  expect(parseTestArguments([])).toEqual({ projects: [], vitestArgs: [] });
});

test('projects narrow, and everything else is passed on in its order', () => {
  expect(
    parseTestArguments(['apps/reports', '--project', 'unit', '-t', 'a name', '--project=integration']),
  ).toEqual({ projects: ['unit', 'integration'], vitestArgs: ['apps/reports', '-t', 'a name'] });
});
