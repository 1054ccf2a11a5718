import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Executor, ExecutorContext } from '../../executor.js';
import type { PreparedRequest } from '../../operations/request-preparer.js';
import { createTestExecutor, executeTestRequest, prepareNow } from '../test-executor.js';
import { createTestFederation } from '../test-federation.js';
import { portSubgraphs } from './port-subgraphs.js';

const readSdl = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const federation = createTestFederation(portSubgraphs);
const executors = new Map<string, Executor<ExecutorContext>>([
  ["Apollo's", createTestExecutor(federation)],
  ["the Guild's", createTestExecutor({ ...federation, supergraphSdl: readSdl('guild.graphql') })],
]);
const getExecutor = (composer: string) => {
  const executor = executors.get(composer);
  if (!executor) throw new Error(`There is no supergraph of ${composer} composer.`);
  return executor;
};

const OPERATIONS: readonly (readonly [string, string, object])[] = [
  [
    'entities of three subgraphs',
    '{ harbours(first: 1) { name isBusy wind(unit: BEAUFORT) position { latitude } arrivals { id } } }',
    {
      harbours: [
        { name: 'Cartagena', isBusy: true, wind: 5, position: { latitude: 10.4 }, arrivals: [{ id: 'v2' }] },
      ],
    },
  ],
  [
    'an interface that is an object in another subgraph',
    '{ ship(imo: "2") { __typename voyages { id to { wind } } ... on Tanker { tonnes } } voyages { vessel { name flag } } }',
    {
      ship: { __typename: 'Tanker', voyages: [{ id: 'v2', to: { wind: 20 } }], tonnes: 900 },
      voyages: [{ vessel: { name: 'Aurora', flag: 'CO' } }, { vessel: { name: 'Bruma', flag: 'EC' } }],
    },
  ],
  [
    'a union with an entity',
    '{ storms { places { __typename ... on Harbour { name } ... on Zone { label: name position { longitude } } } } }',
    {
      storms: [
        {
          places: [
            { __typename: 'Harbour', name: 'Cartagena' },
            { __typename: 'Zone', label: 'Pacific', position: { longitude: -80 } },
          ],
        },
      ],
    },
  ],
  [
    'an input object, and a provided field',
    '{ voyages(filter: { to: "GYE" }) { departsAt to { name berths } } }',
    { voyages: [{ departsAt: '2026-01-01T00:00Z', to: { name: 'Guayaquil', berths: 9 } }] },
  ],
  [
    'a mutation that needs another subgraph',
    'mutation { planVoyage(imo: "1", to: "CTG") { id to { fees } vessel { ... on Ferry { seats } } } }',
    { planVoyage: { id: 'v3', to: { fees: 7 }, vessel: { seats: 300 } } },
  ],
  [
    'fields of which one is denied',
    '{ log ship(imo: "2") { ... on Tanker { cargo imo } } }',
    { log: null, ship: { cargo: null, imo: '2' } },
  ],
];

describe.each([...executors.keys()])('a supergraph of %s composer', (composer) => {
  const executor = getExecutor(composer);

  test.each(OPERATIONS)('answers %s', async (_, query, data) => {
    expect((await executeTestRequest(executor, query)).data).toStrictEqual(data);
  });

  test('hides what is inaccessible', () => {
    for (const query of ['{ harbours { internalCode } }', '{ __type(name: "Flag") { nme } }']) {
      expect(prepareNow(executor, { query })).toHaveProperty('errors');
    }
  });

  test('has the declared costs', () => {
    const prepared = prepareNow(executor, { query: '{ harbours(first: 3) { fees } }' });
    expect(prepared).toSatisfy((request: PreparedRequest) => request.estimateCost() === 3 * (1 + 5));
  });
});

describe('what cannot be served is refused with the reason', () => {
  const load = (supergraphSdl: string) => createTestExecutor({ ...federation, supergraphSdl });

  test.each([
    ['the schema of Cosmo', readSdl('cosmo.graphql'), /does not say which subgraph resolves a field.*Cosmo/],
    ["a configuration of Cosmo's router", '{ "engineConfig": {} }', /not SDL.*Cosmo/],
    [
      'Apollo Connectors',
      federation.supergraphSdl.replace(
        'schema',
        'schema @link(url: "https://specs.apollo.dev/connect/v0.2", for: EXECUTION)',
      ),
      /Apollo Connectors \(https:\/\/specs\.apollo\.dev\/connect\/v0\.2\).*Serve these fields from a subgraph/,
    ],
    [
      'another feature that is needed for execution',
      federation.supergraphSdl.replace(
        'schema',
        'schema @link(url: "https://my.test/feature/v1.0", for: EXECUTION)',
      ),
      /needs the feature https:\/\/my\.test\/feature\/v1\.0 \(for: EXECUTION\).*Remove it/,
    ],
    [
      'a type that no subgraph is known to define',
      federation.supergraphSdl.replace(/type Zone\s+@join__type\(graph: WEATHER\)/, 'type Zone'),
      /not valid: [^.]*Zone[^.]*\. Compose the subgraphs again\.$/,
    ],
  ])('%s', (_, sdl, reason) => {
    expect(() => load(sdl)).toThrow(reason);
  });
});

describe('what a supergraph may leave out', () => {
  const { supergraphSdl } = federation;

  const execute = (sdl: string) =>
    executeTestRequest(
      createTestExecutor({ ...federation, supergraphSdl: sdl }),
      '{ voyages(filter: { to: "GYE" }) { departsAt vessel { flag } } storms { id } }',
    );

  test.each([
    ['a scalar', 'scalar Instant'],
    ['an enum', 'enum Flag'],
    ['an input object', 'input VoyageFilter'],
    ['the query type', 'type Query'],
  ])('@join__type of %s', async (_, definition) => {
    const sdl = supergraphSdl.replace(
      new RegExp(`${definition}(\\s+@join__type\\(graph: \\w+\\))+`),
      definition,
    );
    expect(sdl).not.toBe(supergraphSdl);
    expect((await execute(sdl)).data).toStrictEqual((await execute(supergraphSdl)).data);
  });

  test('the definition of a directive that changes nothing', async () => {
    const sdl = supergraphSdl.replace('type Zone', 'type Zone @transport(kind: "http")');
    expect((await execute(sdl)).data).toBeDefined();
  });

  test('support for features that only concern a cache', async () => {
    const sdl = supergraphSdl.replace(
      'schema',
      'schema @link(url: "https://specs.apollo.dev/cacheTag/v0.1", for: EXECUTION)',
    );
    expect((await execute(sdl)).data).toBeDefined();
  });
});
