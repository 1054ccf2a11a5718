import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createHttpRequestStatistics } from './http-request-statistics.js';

const countRoutes = (paths: readonly string[]) => {
  const statistics = createHttpRequestStatistics();
  for (const path of paths) statistics.record(path, 200, 1);
  return statistics.list().map(({ route }) => route);
};

test('requests count by the first part of their path, and together if a client has invented it', () => {
  expect(countRoutes(['/', '/graphql', '/users/ana', '/etc/passwd', '/wp-admin'])).toEqual([
    '/graphql',
    '/users',
    '/',
    'other',
  ]);
});

test('every route of the services is known', () => {
  const sources = ['monitoring', 'reports', 'heartbeat', 'gateway'].flatMap((app) => {
    const folder = join('apps', app, 'src');
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return names
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => join(folder, name));
  });
  const paths = sources.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\bapp\.(?:get|put|post|delete|use)\(\s*'(\/[\w.-]+)/g)].map(
      ([, path = '']) => path,
    ),
  );
  expect(paths.length).toBeGreaterThan(10);
  expect(countRoutes(paths)).not.toContain('other');
});
