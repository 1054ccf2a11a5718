import { expect, test } from 'vitest';
import { createTestExecutor, executeTestRequest } from './testing/test-executor.js';
import { createTestFederation, type TestFederation } from './testing/test-federation.js';

const ROOMS = [
  { id: 'r1', unit: 'C', sensors: [{ id: 's1' }, { id: 's2' }] },
  { id: 'r2', unit: 'F', sensors: [{ id: 's1' }] },
];
const VANS = [{ id: 'v1', scale: { unit: 'K' }, sensors: [{ id: 's2' }] }];

/** Sensors show a reading in the unit of the place in which they are. */
const createSensorsFederation = (): TestFederation =>
  createTestFederation({
    places: {
      typeDefs: `
        type Query { rooms: [Room!]! vans: [Van!]! }
        type Room @key(fields: "id") { id: ID! unit: String }
        type Van @key(fields: "id") { id: ID! scale: Scale }
        type Scale @shareable { unit: String }
      `,
      resolvers: {
        Query: { rooms: () => ROOMS, vans: () => VANS },
        Room: { __resolveReference: ({ id }: { id: string }) => ROOMS.find((room) => room.id === id) },
        Van: { __resolveReference: ({ id }: { id: string }) => VANS.find((van) => van.id === id) },
      },
    },
    readings: {
      typeDefs: `
        type Room @key(fields: "id") @context(name: "place") { id: ID! unit: String @external sensors: [Sensor!]! }
        type Van @key(fields: "id") @context(name: "place") { id: ID! scale: Scale @external sensors: [Sensor!]! }
        type Scale @shareable { unit: String }
        type Sensor @key(fields: "id") {
          id: ID!
          reading(unit: String @fromContext(field: "$place ... on Room { unit } ... on Van { scale { unit } }")): String
        }
      `,
      resolvers: {
        Room: { __resolveReference: ({ id }: { id: string }) => ROOMS.find((room) => room.id === id) },
        Van: { __resolveReference: ({ id }: { id: string }) => VANS.find((van) => van.id === id) },
        Sensor: {
          __resolveReference: (sensor: object) => sensor,
          reading: ({ id }: { id: string }, { unit }: { unit?: string }) => `${id} in ${unit ?? 'none'}`,
        },
      },
    },
  });

test('an argument with @fromContext has the value of the object above, also for one entity in several places', async () => {
  const federation = createSensorsFederation();
  const executor = createTestExecutor(federation);
  const query = '{ rooms { sensors { reading } } vans { sensors { reading } } }';
  expect(await executeTestRequest(executor, query)).toEqual({
    data: {
      rooms: [
        { sensors: [{ reading: 's1 in C' }, { reading: 's2 in C' }] },
        { sensors: [{ reading: 's1 in F' }] },
      ],
      vans: [{ sensors: [{ reading: 's2 in K' }] }],
    },
  });
});
