import { typeConditions as sdls } from '../edge-case-supergraphs/type-conditions.js';
import type { ApolloGatewayDeviation } from './apollo-gateway-deviation.js';

const reason =
  'federation#2938: entities behind several types are fetched with the selection of the first type';

/** One response key with other arguments or another field behind each of several types, in entities of another subgraph. */
export const typeConditionDeviations: readonly ApolloGatewayDeviation[] = [
  {
    name: 'other arguments in each member of a union',
    reason,
    sdls,
    query: `{ exhibits {
      ... on Painting { maker { portrait(width: 1) } } ... on Sculpture { maker { portrait(width: 2) } }
    } }`,
  },
  {
    name: 'another field in each implementation of an interface, in named fragments',
    reason,
    sdls,
    query: `{ hall { ...P ...S } }
      fragment P on Painting { maker { about: portrait } } fragment S on Sculpture { maker { about: alt } }`,
  },
  {
    name: 'other variables in each type, and lists of entities',
    reason,
    sdls,
    query: `query ($a: Int! = 3, $b: Int!) { exhibits {
      ... on Painting { helpers { portrait(width: $a) } } ... on Sculpture { helpers { portrait(width: $b) } }
    } }`,
    variables: { b: 7 },
  },
  {
    name: 'other arguments two fetches further',
    reason,
    sdls,
    query: `{ hall {
      ... on Painting { maker { school { town(lang: "es") } } } ... on Sculpture { maker { school { town(lang: "en") } } }
    } }`,
  },
  {
    name: 'other arguments below an entity that is fetched once for all types',
    reason,
    sdls,
    query: `{ exhibits {
      ... on Shown { maker { school { motto } } }
      ... on Painting { maker { school { town(lang: "es") teacher { portrait(width: 4) } } } }
      ... on Sculpture { maker { school { town(lang: "en") teacher { portrait(width: 5) } } } }
    } }`,
  },
];
