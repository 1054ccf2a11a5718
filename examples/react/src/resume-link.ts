import { ApolloLink } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { Kind, OperationTypeNode } from 'graphql';
import { tap } from 'rxjs';

/**
 * Lets a subscription that is made again go on after the last payload that was seen, where it takes the variable `after`.
 * To be put before the link that sends, and behind the one that subscribes again.
 */
export function resumeLink(): ApolloLink {
  return new ApolloLink((operation, forward) => {
    const { query, operationType, variables } = operation;
    const takesCursor = query.definitions.some(
      (each) =>
        each.kind === Kind.OPERATION_DEFINITION &&
        each.variableDefinitions?.some(({ variable }) => variable.name.value === 'after'),
    );
    if (operationType !== OperationTypeNode.SUBSCRIPTION || !takesCursor) return forward(operation);
    return forward(operation).pipe(
      tap({
        next({ extensions }) {
          const cursor: unknown = extensions?.['cursor'];
          // The WebSocket link sends these variables again, as they are then, when it has reconnected.
          if (typeof cursor === 'string') variables['after'] = cursor;
        },
        error(error) {
          const isTooOld = ({ extensions }: { extensions?: Record<string, unknown> }) =>
            extensions?.['code'] === 'CURSOR_TOO_OLD';
          if (CombinedGraphQLErrors.is(error) && error.errors.some(isTooOld)) delete variables['after'];
        },
      }),
    );
  });
}
