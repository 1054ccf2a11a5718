// Three subgraphs of a shop, for tests of the gateway with a supergraph that is not the product's.
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { createLogger } from '@seguridad-abc/platform';
import { GraphQLError, parse } from 'graphql';

/** @typedef {'orders' | 'stock' | 'people'} Name */
/** @typedef {{ readonly service: Name, readonly headers: import('node:http').IncomingHttpHeaders, readonly query: string }} SubgraphRequest */

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@external", "@requires"])`;

/** @type {Record<Name, string>} */
const TYPE_DEFINITIONS = {
  orders: `${LINK}
    enum Status { OPEN SENT }
    interface Parcel { id: ID! weight: Int }
    type Box implements Parcel @key(fields: "id") { id: ID! weight: Int fragile: Boolean }
    type Tube implements Parcel @key(fields: "id") { id: ID! weight: Int length: Int }
    type Delay { minutes: Int! }
    type Damage { what: String! }
    union Cause = Delay | Damage
    type Order @key(fields: "id") {
      id: ID!
      number: Int!
      status: Status!
      parcel: Parcel
      cause: Cause
      buyer: Person
      total(currency: String! = "EUR"): String
    }
    type Person @key(fields: "id", resolvable: false) { id: ID! }
    type Query { order(id: ID!): Order orders: [Order!] }
    type Mutation { place(number: Int!): Order! }
    type Subscription {
      orderChanged(id: ID): Order
      countdown(from: Int!): Int!
      ticked: Int!
      idle: Int!
      unmapped: Int
    }`,
  stock: `${LINK}
    enum Status { OPEN SENT }
    type Order @key(fields: "id") {
      id: ID!
      status: Status! @external
      place: String @requires(fields: "status")
      shelves(first: Int! = 1): [String!]
      broken: String
      counted: Int!
      slow: String
    }
    type Box @key(fields: "id") { id: ID! spare: Int }
    type Query { stock: Int }`,
  people: `${LINK}
    type Person @key(fields: "id") { id: ID! name: String greeting(language: String): String }
    type Query { people: [Person!] }`,
};

/** The subgraphs' data of every order. It differs from the events, so that tests see where a value comes from. */
const ORDER = { number: 7, status: 'OPEN', buyer: { id: 'ana' }, cause: null };
const createBox = (/** @type {string} */ id) => ({ __typename: 'Box', id, weight: 1, fragile: false });

/** @typedef {{ id: string }} Entity */
/** @typedef {{ id: string, number: number, status: string }} Order */

const RESOLVERS = {
  orders: {
    Query: {
      order: (/** @type {unknown} */ _, /** @type {Entity} */ { id }) => ({ id, ...ORDER }),
      orders: () => ['1', '2'].map((id) => ({ id, ...ORDER })),
    },
    Mutation: {
      place: (/** @type {unknown} */ _, /** @type {{ number: number }} */ { number }) => ({
        id: String(number),
        ...ORDER,
        number,
      }),
    },
    Order: {
      __resolveReference: (/** @type {Entity} */ { id }) => ({ id, ...ORDER }),
      total: (/** @type {Order} */ { number }, /** @type {{ currency: string }} */ { currency }) =>
        `${number} ${currency}`,
      parcel: (/** @type {Entity} */ { id }) => createBox(id),
    },
    Box: { __resolveReference: (/** @type {Entity} */ { id }) => createBox(id) },
  },
  stock: {
    Order: {
      place: (/** @type {Order} */ { status }) => (status === 'SENT' ? 'on its way' : 'in the hall'),
      shelves: (/** @type {unknown} */ _, /** @type {{ first: number }} */ { first }) =>
        ['a', 'b', 'c'].slice(0, first),
      broken: () => {
        throw new GraphQLError('The scales are broken.', { extensions: { code: 'SCALES', tries: 3 } });
      },
      counted: () => null,
      // Resolves when the client of the subgraph has disconnected.
      slow: (
        /** @type {unknown} */ _,
        /** @type {unknown} */ __,
        /** @type {{ disconnected: Promise<string> }} */ { disconnected },
      ) => disconnected,
    },
    Box: { spare: () => 2 },
    Query: { stock: () => 1 },
  },
  people: {
    Person: {
      name: (/** @type {Entity} */ { id }) => `${id}'s name`,
      greeting: (/** @type {Entity} */ { id }, /** @type {{ language?: string }} */ { language }) =>
        `${language === 'es' ? 'Hola' : 'Hello'}, ${id}`,
    },
    Query: { people: () => [{ id: 'ana' }] },
  },
};

/** Starts the three subgraphs on loopback ports and composes their supergraph. */
export async function startShop() {
  /** @type {SubgraphRequest[]} */
  const requests = [];
  let abandonedRequests = 0;
  /** @type {Map<Name, ApolloServer<any>>} */
  const servers = new Map();
  const services = [];
  for (const name of /** @type {Name[]} */ (Object.keys(TYPE_DEFINITIONS))) {
    const typeDefs = parse(TYPE_DEFINITIONS[name]);
    const server = new ApolloServer({
      schema: buildSubgraphSchema([{ typeDefs, resolvers: RESOLVERS[name] }]),
      includeStacktraceInErrorResponses: false,
      stopOnTerminationSignals: false,
      logger: createLogger(name, 'silent'),
    });
    const { url } = await startStandaloneServer(server, {
      listen: { host: '127.0.0.1', port: 0 },
      context: ({ req, res }) => {
        const { body } = /** @type {{ body?: { query?: string } }} */ (req);
        requests.push({ service: name, headers: req.headers, query: body?.query ?? '' });
        const disconnected = new Promise((resolve) =>
          res.once('close', () => {
            if (!res.writableFinished) abandonedRequests += 1;
            resolve('too late');
          }),
        );
        return Promise.resolve({ disconnected });
      },
    });
    servers.set(name, server);
    services.push({ name, url, typeDefs });
  }
  const { supergraphSdl, errors } = composeServices(services);
  if (errors) throw new AggregateError(errors, errors.map(({ message }) => message).join('\n'));

  return {
    supergraphSdl,
    /** All requests to the subgraphs, oldest first. */
    requests,
    /** Number of requests whose client disconnected before the response. */
    get abandonedRequests() {
      return abandonedRequests;
    },
    /** @param {Name} name */
    async stop(name) {
      await servers.get(name)?.stop();
      servers.delete(name);
    },
    async close() {
      for (const server of servers.values()) await server.stop();
    },
  };
}
