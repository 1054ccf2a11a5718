import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestContext } from './request-context.js';

/** The media type whose clients know by the status that an operation was refused. */
const GRAPHQL_RESPONSE = 'application/graphql-response+json';
/** What is wrong with an operation, as against a request that brings none. */
const OPERATION_FAULTS: readonly unknown[] = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_USER_INPUT',
];

/**
 * GraphQL over HTTP wants status 200 for operations that are refused, where the answer is plain `application/json`:
 * clients of that kind read no answer of another status.
 */
export const legacyStatus: ApolloServerPlugin<RequestContext> = {
  requestDidStart: () =>
    Promise.resolve({
      willSendResponse({ request, response: { http, body } }) {
        const accept = request.http?.headers.get('accept') ?? '';
        if (http.status === 400 && body.kind === 'single' && !accept.includes(GRAPHQL_RESPONSE)) {
          const { data, errors = [] } = body.singleResult;
          const isRefused = errors.every(({ extensions }) => OPERATION_FAULTS.includes(extensions?.['code']));
          if (data === undefined && isRefused) http.status = 200;
        }
        return Promise.resolve();
      },
    }),
};
