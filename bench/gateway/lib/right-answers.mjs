import { Supergraph } from '@apollo/federation-internals';
import { graphql } from 'graphql';
import { postage } from '../subgraphs/data.mjs';
import { root } from '../subgraphs/resolvers.mjs';

/** @param {string} supergraphSdl @returns answers from one schema that holds all data */
export function createRightAnswers(supergraphSdl) {
  const schema = Supergraph.build(supergraphSdl).apiSchema().toGraphQLJSSchema();
  return (/** @type {import('../workloads.mjs').Request} */ { query, variables }) =>
    graphql({
      schema,
      source: query,
      variableValues: variables,
      rootValue: root,
      contextValue: { caller: undefined },
      fieldResolver(source, args, context, { fieldName }) {
        if (fieldName === 'postage') return postage(source.pages, source.weight);
        const value = source[fieldName];
        return typeof value === 'function' ? value(args, context) : value;
      },
    });
}
