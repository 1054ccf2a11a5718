import {
  getOperationAST,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type OperationDefinitionNode,
} from 'graphql';
import { createCodedError, addDefaultErrorCode } from '../shared/errors.js';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.js';
import { rootSelections } from '../shared/graphql-ast.js';
import { sizeOf, type Size } from './size.js';
import { createSettler, type Settler } from './operation-plan-cache.js';

/** An operation that may be executed as often as one likes. */
export interface PreparedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly settler: Settler;
}

/** What goes beyond is refused before it costs anything. */
export interface OperationLimits {
  /** Of a document. */
  readonly maxTokens: number;
  /** Fields within fields. */
  readonly maxDepth: number;
  /** With fragments written out wherever they are spread. */
  readonly maxSelections: number;
}

export interface PrepareOptions extends OperationLimits {
  /** Leaves names out of messages that a caller did not write, where the schema is not to be shown. */
  readonly hideSuggestions: boolean;
  /** Whether a caller may ask for the schema. */
  readonly introspection: boolean;
}

const WITHOUT_INTROSPECTION = [...specifiedRules, NoSchemaIntrospectionCustomRule];

/**
 * Parses and validates an operation.
 * @returns whatever is wrong with it
 */
export function prepareOperation(
  supergraph: LoadedSupergraph,
  query: string,
  operationName: string | undefined,
  { hideSuggestions, introspection, ...limits }: PrepareOptions,
): PreparedOperation | readonly GraphQLError[] {
  let document: DocumentNode;
  try {
    document = parse(query, { maxLexicalTokens: limits.maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError) return [addDefaultErrorCode(error, 'GRAPHQL_PARSE_FAILED')];
    throw error;
  }
  const operation = getOperationAST(document, operationName);
  if (!operation) return [unidentified(operationName)];

  const tooComplex = exceeded(sizeOf(document, operation), limits);
  if (tooComplex) return [tooComplex];
  const isSubscription = operation.operation === OperationTypeNode.SUBSCRIPTION;
  // Before validation: graphql-js throws on variables in conditions at the root.
  const { conditions } = rootSelections(document, operation);
  if (isSubscription && conditions.length > 0) {
    const message = '@skip and @include are not allowed at the root of a subscription.';
    return [createCodedError('GRAPHQL_VALIDATION_FAILED', message, conditions)];
  }
  const rules = introspection ? specifiedRules : WITHOUT_INTROSPECTION;
  const faults = validate(supergraph.apiSchema, document, rules, { hideSuggestions });
  if (faults.length > 0)
    return faults.map((fault) => addDefaultErrorCode(fault, 'GRAPHQL_VALIDATION_FAILED'));
  return { document, operation, settler: createSettler(supergraph, document, operation) };
}

function exceeded(
  { depth, selections }: Size,
  { maxDepth, maxSelections }: OperationLimits,
): GraphQLError | undefined {
  if (depth > maxDepth) {
    return createCodedError(
      'OPERATION_TOO_COMPLEX',
      `The operation is ${depth} fields deep; it may be ${maxDepth}.`,
    );
  }
  if (selections <= maxSelections) return undefined;
  return createCodedError('OPERATION_TOO_COMPLEX', `The operation selects more than ${maxSelections} times.`);
}

const unidentified = (operationName: string | undefined): GraphQLError =>
  createCodedError(
    'OPERATION_RESOLUTION_FAILURE',
    operationName === undefined
      ? 'A document with several operations needs an operation name; one without any has nothing to execute.'
      : `The document has no operation named "${operationName}".`,
  );
