import { readFileSync } from 'node:fs';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';

export const NAMES = ['readers', 'books', 'loans', 'shelves'];

/** @param {string} name of a subgraph */
export const typeDefsOf = (name) =>
  parse(readFileSync(new URL(`schemas/${name}.graphql`, import.meta.url), 'utf8'));

/** @param {(name: string) => string} urlOf */
export function composeSupergraph(urlOf) {
  const services = NAMES.map((name) => ({ name, url: urlOf(name), typeDefs: typeDefsOf(name) }));
  const { supergraphSdl, errors } = composeServices(services);
  if (!supergraphSdl) throw new AggregateError(errors ?? [], 'The subgraphs do not compose.');
  return supergraphSdl;
}
