import type { ApolloServerPlugin } from '@apollo/server';
import { CONSISTENCY_HEADER, formatConsistencyToken } from '@seguridad-abc/contracts';
import { ExpectedError } from '@seguridad-abc/platform';
import { httpError } from '../http/http-error.js';
import type { RequestContext } from '../http/request-context.js';
import { EXTENSION, readToken } from './read-token.js';

/**
 * Takes the token that a request brings, and answers with that of its commands; where a subgraph could not keep up, with
 * how stale its part of the answer is.
 */
export const readYourWrites: ApolloServerPlugin<RequestContext> = {
  requestDidStart: ({ request, contextValue: { consistency } }) =>
    Promise.resolve({
      didResolveOperation() {
        try {
          consistency.require(readToken(request.extensions, request.http?.headers.get(CONSISTENCY_HEADER)));
        } catch (error) {
          throw error instanceof ExpectedError
            ? httpError(400, error.extensions.code, error.message, error.extensions)
            : error;
        }
        return Promise.resolve();
      },

      willSendResponse({ response: { http, body } }) {
        const { written, staleness } = consistency;
        if (body.kind !== 'single' || (!written && staleness === undefined)) return Promise.resolve();
        const token = written && formatConsistencyToken(written);
        body.singleResult.extensions = {
          ...body.singleResult.extensions,
          ...(token !== undefined && { [EXTENSION]: token }),
          ...(staleness !== undefined && { staleness }),
        };
        if (token !== undefined) http.headers.set(CONSISTENCY_HEADER, token);
        return Promise.resolve();
      },
    }),
};
