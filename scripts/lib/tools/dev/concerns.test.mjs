import { describe, expect, test } from 'vitest';
import { concernOf } from './concerns.mjs';

const dependents = { platform: ['monitoring', 'reports'], executor: ['gateway'] };
const of = (/** @type {string} */ path) => concernOf(path, dependents);
const restart = (/** @type {string[]} */ ...services) => ({ generate: false, services });

describe('a change of', () => {
  test('an app concerns that app', () => {
    expect(of('apps/reports/src/queries/queries.ts')).toEqual(restart('reports'));
  });

  test('a package concerns the apps that are made of it', () => {
    expect(of('packages/platform/src/beats.ts')).toEqual(restart('monitoring', 'reports'));
    expect(of('packages/executor/src/index.ts')).toEqual(restart('gateway'));
  });

  test('a schema concerns its app, the gateway, and what is generated', () => {
    expect(of('apps/reports/schema.graphql')).toEqual({ generate: true, services: ['reports', 'gateway'] });
  });

  test('the supergraph concerns the gateway', () => {
    expect(of('supergraph.yaml')).toEqual({ generate: true, services: ['gateway'] });
  });

  test.each([
    'apps/reports/src/queries/queries.test.ts',
    'apps/reports/src/service.int.test.ts',
    'packages/platform/src/testing/redis.ts',
    'apps/reports/src/graphql/generated.ts',
    'apps/reports/src/.queries.ts.swp',
    'apps/reports/src/.#queries.ts',
    'apps/reports/src/queries.ts~',
    'apps/reports/src/queries',
    'apps/reports/dist/main.js',
    'apps/reports/package.json',
    'supergraph.graphql',
    'README.md',
  ])('%s concerns nobody', (path) => {
    expect(of(path)).toBeUndefined();
  });
});
