import { describe, expect, test } from 'vitest';
import { createChangeBatches, getChangeEffect, readDependentServices } from './source-changes.js';

const dependents = { platform: ['monitoring', 'reports'], executor: ['gateway'] };
const getEffect = (path: string) => getChangeEffect(path, dependents);
const restart = (...services: string[]) => ({ needsGenerate: false, services });

describe('a changed file', () => {
  test('of an app restarts that app', () => {
    expect(getEffect('apps/reports/src/queries/queries.ts')).toEqual(restart('reports'));
  });

  test('of a package restarts the apps that depend on it', () => {
    expect(getEffect('packages/platform/src/beats.ts')).toEqual(restart('monitoring', 'reports'));
    expect(getEffect('packages/executor/src/index.ts')).toEqual(restart('gateway'));
  });

  test('of a schema generates files, and restarts its app; the gateway notices the schema by itself', () => {
    expect(getEffect('apps/reports/schema.graphql')).toEqual({
      needsGenerate: true,
      services: ['reports'],
    });
  });

  test('of the supergraph configuration generates files, and restarts the gateway', () => {
    expect(getEffect('supergraph.yaml')).toEqual({ needsGenerate: true, services: ['gateway'] });
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
    'apps/cli/src/main.ts',
    'supergraph.graphql',
    'README.md',
  ])('%s has no effect', (path) => {
    expect(getEffect(path)).toBeUndefined();
  });
});

test('paths that are added in a short time form one batch, without repetitions', async () => {
  const { signal } = new AbortController();
  const batches = createChangeBatches(20);
  const first = batches.takeNext(signal);
  batches.add('a');
  batches.add('b');
  batches.add('a');
  expect(await first).toEqual(['a', 'b']);
  batches.add('c');
  expect(await batches.takeNext(signal)).toEqual(['c']);
});

test('takeNext rejects after an abort', async () => {
  const abort = new AbortController();
  const next = createChangeBatches().takeNext(abort.signal);
  abort.abort();
  await expect(next).rejects.toThrow('aborted');
});

test('all apps depend on contracts, some of them indirectly', () => {
  const { contracts, executor } = readDependentServices();
  expect(contracts?.toSorted()).toEqual(['gateway', 'heartbeat', 'monitoring', 'reports']);
  expect(executor).toEqual(['gateway']);
});
