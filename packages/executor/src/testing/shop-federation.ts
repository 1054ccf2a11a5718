import { GraphQLError } from 'graphql';
import { createTestFederation, type TestFederation } from './test-federation.js';

const AUTHORS = [
  { id: 'a', name: 'Ada' },
  { id: 'b', name: 'Bob' },
];
const REVIEWS = [
  { id: '1', author: { id: 'a' } },
  { id: '2', author: { id: 'b' } },
  { id: '3', author: { id: 'a' } },
];
const BOOK = { __typename: 'Book', upc: 'book', grid: [[{ x: 1 }], [{ x: 2 }, { x: 3 }]], weight: 5 };
const LAMP = { __typename: 'Lamp', upc: 'lamp', watts: 3 };

const fail = (message: string, code: string) => () => {
  throw new GraphQLError(message, { extensions: { code } });
};

/** Creates three subgraphs with failing fields, nested lists, abstract types and a mutation. */
export const createShopFederation = (): TestFederation => {
  let sold = 0;
  return createTestFederation({
    products: {
      typeDefs: `
        interface Product { upc: ID! }
        type Book implements Product @key(fields: "upc") {
          upc: ID! weight: Int price: Int grid: [[Cell!]!] @shareable
        }
        type Cell @shareable { x: Int }
        type Lamp implements Product @key(fields: "upc") { upc: ID! watts: Int color: Color }
        enum Color { RED BLACK }
        type Query { product(upc: ID!): Product products: [Product] book: Book lamp: Lamp scalars: Scalars }
        type Scalars { text: String! otherText: String! number: Int id: ID }
        type Mutation { sell: Sale! }
        type Sale @key(fields: "id") { id: ID! }
      `,
      resolvers: {
        Query: {
          product: (_: unknown, { upc }: { upc: string }) => (upc === 'book' ? BOOK : LAMP),
          products: () => [BOOK, null, LAMP, BOOK],
          book: () => BOOK,
          lamp: () => LAMP,
          scalars: () => ({ text: 'yes', otherText: 'yes', number: 1, id: '1' }),
        },
        Book: { price: fail('No price.', 'NO_PRICE'), __resolveReference: () => BOOK },
        Lamp: { __resolveReference: () => LAMP },
        Mutation: { sell: () => ({ id: 'all', sold: ++sold }) },
      },
    },
    reviews: {
      typeDefs: `
        type Review @key(fields: "id") { id: ID! author: Author }
        type Author @key(fields: "id") { id: ID! }
        type Book @key(fields: "upc") {
          upc: ID! reviews: [Review!]!
          weight: Int @external price: Int @external
          heavy: Boolean @requires(fields: "weight")
          cheap: Boolean @requires(fields: "price")
          grid: [[Cell!]!] @shareable
          broken: [Int!]
        }
        type Cell @shareable { x: Int y: Int }
        type Lamp @key(fields: "upc") { upc: ID! stars: Int! }
        type Query { reviews(ids: [ID!]): [Review!]! }
        type Sale @key(fields: "id") { id: ID! count: Int! }
      `,
      resolvers: {
        Query: { reviews: () => REVIEWS },
        Book: {
          reviews: () => REVIEWS,
          heavy: ({ weight }: { weight: number }) => weight > 1,
          cheap: ({ price }: { price: number | null }) => (price ?? 0) < 1,
          grid: () => [
            [{ x: 1, y: 10 }],
            [
              { x: 2, y: 20 },
              { x: 3, y: 30 },
            ],
          ],
          broken: fail('Torn.', 'TORN'),
        },
        Lamp: { stars: () => 4 },
        Sale: { count: () => sold },
      },
    },
    authors: {
      typeDefs: `
        type Author @key(fields: "id") { id: ID! name: String! mood: String }
        type Query { authors: [Author!]! }
      `,
      resolvers: {
        Query: { authors: () => AUTHORS },
        Author: {
          __resolveReference: ({ id }: { id: string }) => AUTHORS.find((author) => author.id === id),
          mood: ({ id }: { id: string }) => (id === 'b' ? fail('Sulks.', 'SULKS')() : 'fine'),
        },
      },
    },
  });
};
