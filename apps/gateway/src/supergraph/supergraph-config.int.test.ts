import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterAll, expect, test } from 'vitest';
import { readConfiguredSubgraphs } from './supergraph-config.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const readConfig = (yaml: string) => {
  const path = join(folder.path, 'supergraph.yaml');
  writeFileSync(path, yaml);
  return readConfiguredSubgraphs(path);
};

test('the configuration of the product lists its subgraphs', () => {
  const { pathname } = new URL('../../../../supergraph.yaml', import.meta.url);
  expect(readConfiguredSubgraphs(pathname)).toEqual([
    { name: 'monitoring', url: 'http://127.0.0.1:4001/graphql' },
    { name: 'reports', url: 'http://127.0.0.1:4002/graphql' },
    { name: 'heartbeat', url: 'http://127.0.0.1:4003/graphql' },
  ]);
});

test.each([
  ['subgraphs: {}', /subgraphs: must list at least one subgraph/],
  ['federation_version: 2', /subgraphs: /],
  ['subgraphs: { a: { schema: { file: a.graphql } } }', /subgraphs\.a\.routing_url: /],
  ['subgraphs: { a: { routing_url: "ftp://a/graphql" } }', /subgraphs\.a\.routing_url: /],
  ['subgraphs: [', /cannot be used/],
])('%s is rejected with the reason and the remedy', (yaml, reason) => {
  expect(() => readConfig(yaml)).toThrow(reason);
  expect(() => readConfig(yaml)).toThrow('or set SUPERGRAPH_CONFIG to another file');
});

test('a missing file is rejected', () => {
  expect(() => readConfiguredSubgraphs(join(folder.path, 'missing.yaml'))).toThrow('ENOENT');
});
