import { ApolloLink } from '@apollo/client';
import { LISTED_OPERATION_IDS } from './generated-ids';

/** The ids of the console's operations by name, as the gateway lists them. */
const IDS: ReadonlyMap<string, string> = new Map(Object.entries(LISTED_OPERATION_IDS));

/** Names each operation by its id instead of sending its text, for a gateway with `PERSISTED_OPERATIONS_MODE=ids-only`. */
export const createOperationIdLink = (): ApolloLink =>
  new ApolloLink((operation, forward) => {
    const sha256Hash = IDS.get(operation.operationName ?? '');
    operation.extensions['persistedQuery'] = { version: 1, sha256Hash };
    operation.setContext({ http: { includeExtensions: true, includeQuery: false } });
    return forward(operation);
  });
