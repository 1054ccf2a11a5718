import { ApolloLink } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { Kind, OperationTypeNode } from 'graphql';
import { filter, tap } from 'rxjs';

/**
 * Resumes a repeated subscription after the last received payload, if the subscription has the variable `after`. With an empty
 * `after` it asks for a cursor before the first payload. Put it after the link that retries and before the link that sends.
 */
export function createResumeLink(): ApolloLink {
  return new ApolloLink((operation, forward) => {
    const { query, operationType, variables } = operation;
    const takesCursor = query.definitions.some(
      (definition) =>
        definition.kind === Kind.OPERATION_DEFINITION &&
        definition.variableDefinitions?.some(({ variable }) => variable.name.value === 'after'),
    );
    if (operationType !== OperationTypeNode.SUBSCRIPTION || !takesCursor) return forward(operation);
    variables['after'] ??= '';
    return forward(operation).pipe(
      tap({
        next({ extensions }) {
          const cursor: unknown = extensions?.['cursor'];
          // After a reconnection the WebSocket link sends this same object again, with the changed value.
          if (typeof cursor === 'string') variables['after'] = cursor;
        },
        error(error) {
          const isCursorTooOld = ({ extensions }: { extensions?: Record<string, unknown> }) =>
            extensions?.['code'] === 'CURSOR_TOO_OLD';
          if (CombinedGraphQLErrors.is(error) && error.errors.some(isCursorTooOld)) variables['after'] = '';
        },
      }),
      // The payload with the first cursor has no data.
      filter(
        ({ data, errors, extensions }) => data !== null || errors !== undefined || !extensions?.['cursor'],
      ),
    );
  });
}
