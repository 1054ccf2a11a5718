import { expect, test } from 'vitest';
import { checkOptionsTakenByNpm } from './npm-options.js';

const COMMAND = {
  name: 'import',
  optionNames: ['user', 'effective-from', 'json', 'no-bom'],
  example: 'npm run import -- examples/rules.csv --user ana',
};
const NPM = { npm_lifecycle_event: 'import', npm_config_cache: '/home/ana/.npm' };

test.each([
  [
    { npm_config_user: 'true' },
    'npm has taken --user for itself: put -- before the arguments. For example:\n  npm run import -- examples/rules.csv --user ana',
  ],
  [{ npm_config_effective_from: '2026', npm_config_json: 'true' }, 'npm has taken --effective-from, --json'],
  [{ npm_config_bom: '' }, 'npm has taken --no-bom for itself'],
  [{ npm_config_dry_run: 'true' }, 'import has no option --dry-run, so nothing was done'],
])('npm has taken an option of the command line: %j', (variables, message) => {
  expect(() => checkOptionsTakenByNpm(COMMAND, { ...NPM, ...variables })).toThrow(message);
});

test('npm has taken the option --dry-run of a command that has it', () => {
  const command = { ...COMMAND, optionNames: ['dry-run'] };
  expect(() => checkOptionsTakenByNpm(command, { ...NPM, npm_config_dry_run: 'true' })).toThrow(
    'npm has taken --dry-run for itself: put -- before the arguments.',
  );
});

test('json may come from .npmrc, so the command runs and prints a note', () => {
  expect(checkOptionsTakenByNpm(COMMAND, { ...NPM, npm_config_json: 'true' })).toContain(
    'npm has taken --json for itself: put -- before the arguments. For example:\n  npm run import -- --json',
  );
});

test.each([
  ["npm's own settings", NPM],
  ['an option that is off', { ...NPM, npm_config_json: '', npm_config_dry_run: '' }],
  ['variables of another script', { npm_lifecycle_event: 'test', npm_config_user: 'true' }],
  ['a call without npm', { npm_config_user: 'true' }],
])('accepts %s', (_, env) => {
  expect(checkOptionsTakenByNpm(COMMAND, env)).toBeUndefined();
});
