import { GraphQLError } from 'graphql';
import { createTestFederation, type TestFederation } from './test-federation.js';

/** The subgraphs' data of every thing. Events carry other values, so that a test sees where a value comes from. */
const THING = { name: 'known', status: 'CLOSED', size: { width: 3, height: 3 } };
const THINGS = [
  { ...THING, id: '1' },
  { ...THING, id: '2', status: 'OPEN' },
];
const PARTS = [
  { __typename: 'Bell', id: 'b1', tone: 'low' },
  { __typename: 'Lamp', id: 'l1', watts: 5 },
];
const findPart = ({ id }: { id: string }) => PARTS.find((part) => part.id === id);

/** Creates two subgraphs with subscriptions, abstract types, arguments, `@requires` and failing fields. */
export const createThingsFederation = (): TestFederation =>
  createTestFederation({
    things: {
      typeDefs: `
        enum Status { OPEN CLOSED }
        interface Part { id: ID! }
        type Lamp implements Part @key(fields: "id") { id: ID! watts: Int }
        type Bell implements Part @key(fields: "id") { id: ID! tone: String }
        type Wind { speed: Int! }
        type Hand { who: String!, side(of: String): String }
        union Cause = Wind | Hand
        type Size { width: Int! height: Int! area(scale: Int! = 1): Int! }
        type Thing @key(fields: "id") {
          id: ID! name: String! status: Status! size: Size parts: [Part!] cause: Cause
          label(language: String): String
        }
        type Query { thing: Thing things: [Thing!]! }
        type Mutation { touch: Boolean }
        type Subscription {
          moved(id: ID, near: [Int!] = [1], status: Status): Thing
          seen: Thing!
          caused: Cause
          unmapped: Int
        }
      `,
      resolvers: {
        Query: { thing: () => THINGS[0], things: () => THINGS },
        Mutation: { touch: () => true },
        Thing: {
          __resolveReference: ({ id }: { id: string }) => (id === 'gone' ? null : { ...THING, id }),
          label: ({ id }: { id: string }, { language }: { language?: string }) =>
            `${id} in ${language ?? 'any'}`,
          parts: () => PARTS,
        },
        Size: {
          area: ({ width, height }: typeof THING.size, { scale }: { scale: number }) =>
            width * height * scale,
        },
        Lamp: { __resolveReference: findPart },
        Bell: { __resolveReference: findPart },
      },
    },
    notes: {
      typeDefs: `
        enum Status { OPEN CLOSED }
        type Thing @key(fields: "id") {
          id: ID! status: Status! @external
          verdict: String @requires(fields: "status")
          stickers(first: Int! = 1): [String!]
          broken: String
          promised: String!
        }
        type Lamp @key(fields: "id") { id: ID! stars: Int }
        type Query { notes: Int }
      `,
      resolvers: {
        Query: { notes: () => 7 },
        Thing: {
          verdict: ({ status }: { status: string }) => `it is ${status}`,
          stickers: (_: unknown, { first }: { first: number }) => ['a', 'b', 'c'].slice(0, first),
          broken: () => {
            throw new GraphQLError('The glue has dried.', { extensions: { code: 'DRY' } });
          },
          promised: () => null,
        },
        Lamp: { stars: () => 4 },
      },
    },
  });
