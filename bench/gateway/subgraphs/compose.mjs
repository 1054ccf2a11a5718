import { readFileSync } from 'node:fs';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';

export const SUBGRAPH_NAMES = ['readers', 'books', 'loans', 'shelves'];

/** @param {string} name of a subgraph */
export const readTypeDefs = (name) =>
  parse(readFileSync(new URL(`schemas/${name}.graphql`, import.meta.url), 'utf8'));

/** @param {(name: string) => string} getUrl of a subgraph @returns {string} the supergraph SDL */
export function composeSupergraph(getUrl) {
  const services = SUBGRAPH_NAMES.map((name) => ({ name, url: getUrl(name), typeDefs: readTypeDefs(name) }));
  const { supergraphSdl, errors } = composeServices(services);
  if (!supergraphSdl) throw new AggregateError(errors ?? [], 'The subgraphs do not compose.');
  return supergraphSdl;
}
