import type { ApolloServerPlugin } from '@apollo/server';
import { rootFieldNames } from '@seguridad-abc/executor';
import { ExpectedError } from '@seguridad-abc/platform';
import { httpError } from '../http/http-error.js';
import type { RequestContext } from '../http/request-context.js';
import { assertPublic, type Openness } from './public-fields.js';

/** Refuses operations of nobody's, but for what is public. */
export const refuseNobody = (open: Openness): ApolloServerPlugin<RequestContext> => ({
  requestDidStart: ({ contextValue: { credentials } }) =>
    Promise.resolve({
      didResolveOperation({ document, operation }) {
        if (!operation) return Promise.resolve();
        try {
          assertPublic(credentials(), rootFieldNames(document, operation), open);
        } catch (error) {
          throw error instanceof ExpectedError ? httpError(401, error.extensions.code, error.message) : error;
        }
        return Promise.resolve();
      },
    }),
});
