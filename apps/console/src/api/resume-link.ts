import { ApolloLink } from '@apollo/client';
import { Kind, OperationTypeNode, type DocumentNode } from 'graphql';
import { filter, tap } from 'rxjs';
import { listErrorCodes } from './subscription-errors';

/** The variable of a subscription that can resume. */
const CURSOR_VARIABLE = 'after';

/**
 * Resumes a repeated subscription after the last received payload, if it has the variable `after` (docs/clients.md). With an empty
 * `after` it asks for a cursor before the first payload. Put it after the link that retries and before the link that sends.
 */
export function createResumeLink(): ApolloLink {
  return new ApolloLink((operation, forward) => {
    const { query, operationType, variables } = operation;
    if (operationType !== OperationTypeNode.SUBSCRIPTION || !takesCursor(query)) return forward(operation);
    variables[CURSOR_VARIABLE] ??= '';
    return forward(operation).pipe(
      tap({
        next({ extensions }) {
          const cursor: unknown = extensions?.['cursor'];
          // After a reconnection the WebSocket link sends this same object again, with the changed value.
          if (typeof cursor === 'string') variables[CURSOR_VARIABLE] = cursor;
        },
        error(error: unknown) {
          if (listErrorCodes(error).includes('CURSOR_TOO_OLD')) variables[CURSOR_VARIABLE] = '';
        },
      }),
      // The payload with the first cursor has no data.
      filter(
        ({ data, errors, extensions }) => data !== null || errors !== undefined || !extensions?.['cursor'],
      ),
    );
  });
}

const takesCursor = ({ definitions }: DocumentNode): boolean =>
  definitions.some(
    (definition) =>
      definition.kind === Kind.OPERATION_DEFINITION &&
      definition.variableDefinitions?.some(({ variable }) => variable.name.value === CURSOR_VARIABLE),
  );
