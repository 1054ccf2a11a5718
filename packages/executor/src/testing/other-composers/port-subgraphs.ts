import type { TestSubgraph } from '../test-federation.js';

const HARBOURS = [
  { code: 'CTG', name: 'Cartagena', berths: 4, position: { latitude: 10.4, longitude: -75.5 }, fees: 7 },
  { code: 'GYE', name: 'Guayaquil', berths: 9, position: null, fees: null },
];
const FERRY = { __typename: 'Ferry', imo: '1', name: 'Aurora', flag: 'CO', home: HARBOURS[0], seats: 300 };
const TANKER = {
  __typename: 'Tanker',
  imo: '2',
  name: 'Bruma',
  flag: 'EC',
  home: HARBOURS[1],
  tonnes: 900,
  cargo: 'oil',
};
const VOYAGES = [
  { id: 'v1', departsAt: '2026-01-01T00:00Z', to: HARBOURS[1], vessel: { imo: '1' } },
  { id: 'v2', departsAt: null, to: HARBOURS[0], vessel: { imo: '2' } },
];
const ZONE = { __typename: 'Zone', name: 'Pacific', position: { latitude: 1, longitude: -80 } };

/** Subgraphs that use what composers treat differently. `guild.graphql` and `cosmo.graphql` are composed from them. */
export const portSubgraphs: Readonly<Record<'harbours' | 'voyages' | 'weather', TestSubgraph>> = {
  harbours: {
    typeDefs: `
      type Query {
        harbours(first: Int = 10): [Harbour!]! @listSize(slicingArguments: ["first"], requireOneSlicingArgument: false)
        ship(imo: ID!): Vessel
        log: String @authenticated
      }
      enum Flag { CO EC PE @inaccessible }
      type Harbour @key(fields: "code") {
        code: ID!
        name: String! @shareable @tag(name: "public")
        berths: Int!
        position: Position @shareable
        internalCode: String @inaccessible
        fees: Int @cost(weight: 5)
      }
      type Position @shareable { latitude: Float! longitude: Float! }
      interface Vessel @key(fields: "imo") { imo: ID! name: String! flag: Flag home: Harbour }
      type Ferry implements Vessel @key(fields: "imo") { imo: ID! name: String! flag: Flag home: Harbour seats: Int! }
      type Tanker implements Vessel @key(fields: "imo") {
        imo: ID! name: String! flag: Flag home: Harbour tonnes: Int! cargo: String @requiresScopes(scopes: [["cargo:read"]])
      }
    `,
    resolvers: {
      Query: {
        harbours: (_: unknown, { first }: { first: number }) => HARBOURS.slice(0, first),
        ship: (_: unknown, { imo }: { imo: string }) => [FERRY, TANKER].find((ship) => ship.imo === imo),
        log: () => 'calm',
      },
      Harbour: {
        __resolveReference: ({ code }: { code: string }) => HARBOURS.find((one) => one.code === code),
      },
      Vessel: {
        __resolveReference: ({ imo }: { imo: string }) => [FERRY, TANKER].find((one) => one.imo === imo),
      },
      Ferry: { __resolveReference: () => FERRY },
      Tanker: { __resolveReference: () => TANKER },
    },
  },
  voyages: {
    typeDefs: `
      scalar Instant @specifiedBy(url: "https://instants.test/")
      input VoyageFilter { to: ID after: Instant }
      type Query { voyages(filter: VoyageFilter): [Voyage!]! }
      type Mutation { planVoyage(imo: ID!, to: ID!): Voyage }
      type Voyage @key(fields: "id") {
        id: ID! departsAt: Instant to: Harbour! @provides(fields: "name") vessel: Vessel
      }
      type Harbour @key(fields: "code") {
        code: ID!
        name: String! @external
        berths: Int! @external
        arrivals: [Voyage!]!
        isBusy: Boolean! @requires(fields: "berths")
      }
      type Vessel @key(fields: "imo") @interfaceObject { imo: ID! voyages: [Voyage!]! }
    `,
    resolvers: {
      Query: {
        voyages: (_: unknown, { filter }: { filter?: { to?: string } }) =>
          VOYAGES.filter(({ to }) => filter?.to === undefined || to?.code === filter.to),
      },
      Mutation: {
        planVoyage: (_: unknown, { imo, to }: { imo: string; to: string }) => ({
          id: 'v3',
          to: { code: to, name: 'planned' },
          vessel: { imo },
        }),
      },
      Harbour: {
        __resolveReference: (harbour: object) => harbour,
        arrivals: ({ code }: { code: string }) => VOYAGES.filter(({ to }) => to?.code === code),
        isBusy: ({ berths }: { berths: number }) => berths < 5,
      },
      Vessel: {
        __resolveReference: (vessel: object) => vessel,
        voyages: ({ imo }: { imo: string }) => VOYAGES.filter(({ vessel }) => vessel.imo === imo),
      },
    },
  },
  weather: {
    typeDefs: `
      type Query { storms: [Storm!]! }
      union Place = Harbour | Zone
      type Storm { id: ID! name: String places: [Place!]! }
      type Zone { name: String! position: Position }
      type Position @shareable { latitude: Float! longitude: Float! }
      type Harbour @key(fields: "code") { code: ID! wind(unit: WindUnit = KNOTS): Float @deprecated(reason: "Ask storms.") }
      enum WindUnit { KNOTS BEAUFORT }
    `,
    resolvers: {
      Query: {
        storms: () => [{ id: 's', name: 'Ana', places: [{ __typename: 'Harbour', code: 'CTG' }, ZONE] }],
      },
      Harbour: {
        __resolveReference: (harbour: object) => harbour,
        wind: (_: unknown, { unit }: { unit: string }) => (unit === 'KNOTS' ? 20 : 5),
      },
    },
  },
};
