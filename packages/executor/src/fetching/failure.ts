import { Kind, OperationTypeNode, parse, type GraphQLFormattedError, type SelectionNode } from 'graphql';
import type { ErrorCode } from '../errors.js';

/** Why a subgraph gave no answer. */
export type FetchFailure =
  | { readonly kind: 'unreachable'; readonly cause: unknown }
  | { readonly kind: 'timeout'; readonly afterMs: number }
  | { readonly kind: 'unreadable'; readonly why: string; readonly status: number }
  | { readonly kind: 'cancelled' };

const CODES = {
  unreachable: 'SUBGRAPH_UNAVAILABLE',
  timeout: 'SUBGRAPH_TIMEOUT',
  unreadable: 'SUBGRAPH_BAD_RESPONSE',
  cancelled: 'REQUEST_CANCELLED',
} as const satisfies Record<FetchFailure['kind'], ErrorCode>;

const SENTENCES = {
  unreachable: 'cannot be reached',
  timeout: 'did not answer in time',
  unreadable: 'gave an answer that cannot be read',
  cancelled: 'was not waited for',
} as const satisfies Record<FetchFailure['kind'], string>;

/**
 * The errors that stand for the missing answer, as the subgraph itself would have given them: one for each root field;
 * for entities, one for all. The executor adds the path of the place in the client's operation.
 */
export function failureErrors(
  service: string,
  query: string,
  { kind }: FetchFailure,
): GraphQLFormattedError[] {
  const message = `Service "${service}" ${SENTENCES[kind]}.`;
  const extensions = { code: CODES[kind] };
  const fields = rootFields(query);
  if (fields.length === 0 || fields.includes('_entities')) return [{ message, path: [], extensions }];
  return fields.map((field) => ({ message, path: [field], extensions }));
}

/** The response names of the fields at the root of a query that a planner wrote. */
function rootFields(query: string): string[] {
  const [operation] = parse(query, { noLocation: true }).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return [];
  const names = (selections: readonly SelectionNode[]): string[] =>
    selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [(selection.alias ?? selection.name).value];
      return selection.kind === Kind.INLINE_FRAGMENT ? names(selection.selectionSet.selections) : [];
    });
  return operation.operation === OperationTypeNode.SUBSCRIPTION
    ? []
    : names(operation.selectionSet.selections);
}
