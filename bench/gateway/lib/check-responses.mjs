import { isDeepStrictEqual } from 'node:util';
import { Supergraph } from '@apollo/federation-internals';
import { graphql } from 'graphql';
import { computePostage } from '../subgraphs/library-data.mjs';
import { rootResolvers } from '../subgraphs/resolvers.mjs';
import { createLoadClient } from './load-client.mjs';

/** Number of requests of each workload that are compared. */
const COMPARED_REQUESTS = 25;
const CALLER_REQUEST = { query: '{ caller }', variables: {} };
const MAX_SHOWN_CHARACTERS = 400;

/** @typedef {import('../workloads.mjs').GraphQLRequest} GraphQLRequest */

/**
 * Creates an executor that gives the correct responses: graphql-js with one schema that has all the data.
 * @param {string} supergraphSdl
 */
export function createReferenceExecutor(supergraphSdl) {
  const schema = Supergraph.build(supergraphSdl).apiSchema().toGraphQLJSSchema();
  return (/** @type {GraphQLRequest} */ { query, variables }) =>
    graphql({
      schema,
      source: query,
      variableValues: variables,
      rootValue: rootResolvers,
      contextValue: { caller: undefined },
      fieldResolver(source, args, context, { fieldName }) {
        if (fieldName === 'postage') return computePostage(source.pages, source.weight);
        const value = source[fieldName];
        return typeof value === 'function' ? value(args, context) : value;
      },
    });
}

/**
 * Compares responses of a gateway with correct ones.
 * @param {object} options
 * @param {string} options.url
 * @param {readonly import('../workloads.mjs').Workload[]} options.workloads
 * @param {(request: GraphQLRequest) => Promise<unknown>} options.executeReference
 * @param {(n: number) => string} options.getAuthorization
 * @returns {Promise<{ generalError: string | undefined, errors: ReadonlyMap<string, string> }>} an error that affects every
 *   workload, and errors by workload name
 */
export async function findWrongResponses({ url, workloads, executeReference, getAuthorization }) {
  const client = createLoadClient(url, getAuthorization);
  /** @type {Map<string, string>} */
  const errors = new Map();
  /** @type {string | undefined} */
  let generalError;
  try {
    const { data } = JSON.parse(await client.send(CALLER_REQUEST, 0));
    if (data?.caller !== getAuthorization(0)) {
      generalError = 'The gateway does not pass the authorization header to subgraphs.';
    }
    for (const { name, createRequest } of workloads) {
      for (let n = 0; n < COMPARED_REQUESTS && !errors.has(name); n += 1) {
        const request = createRequest(n);
        const actual = JSON.parse(await client.send(request, n));
        const expected = JSON.parse(JSON.stringify(await executeReference(request)));
        if (isDeepStrictEqual(actual.data, expected.data) && !actual.errors) continue;
        errors.set(
          name,
          `${request.query}\n    actual   ${abbreviate(actual)}\n    expected ${abbreviate(expected)}`,
        );
      }
    }
  } catch (error) {
    generalError = error instanceof Error ? error.message : String(error);
  } finally {
    await client.close();
  }
  return { generalError, errors };
}

/** @param {unknown} response */
const abbreviate = (response) => JSON.stringify(response).slice(0, MAX_SHOWN_CHARACTERS);
