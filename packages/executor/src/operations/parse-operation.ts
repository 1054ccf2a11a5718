import {
  getOperationAST,
  GraphQLError,
  NoFragmentCyclesRule,
  NoSchemaIntrospectionCustomRule,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
  type ASTNode,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { addDefaultErrorCode, createCodedError } from '../shared/errors.js';
import { collectRootSelections } from '../shared/graphql-ast.js';
import { checkFieldMerging, hasFragmentCycle } from './field-merging-limit.js';
import { mergeValidationRules } from './merge-validation-rules.js';
import { checkDocumentText, checkOperationSize, type OperationLimits } from './operation-limits.js';

/** An operation and its document. */
export interface ParsedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

/** Options of an executor that decide which operations are valid. */
export interface ParseOperationOptions extends OperationLimits {
  /** Whether validation messages leave out suggestions ("Did you mean …?"), which reveal names of the schema. @default false */
  readonly hideSuggestions: boolean;
  /** Whether clients may select `__schema` and `__type`. @default true */
  readonly introspection: boolean;
}

const RULES = [mergeValidationRules(specifiedRules)];
const RULES_WITHOUT_INTROSPECTION = [
  mergeValidationRules([...specifiedRules, NoSchemaIntrospectionCustomRule]),
];

/**
 * Checks the size of a document, parses it and selects its operation. The document need not be valid.
 * @returns the errors if the operation is rejected
 */
export function parseOperation(
  query: string,
  operationName: string | undefined,
  limits: OperationLimits,
): ParsedOperation | readonly GraphQLError[] {
  let document: DocumentNode;
  try {
    const limitError = checkDocumentText(query, limits);
    if (limitError) return [limitError];
    document = parse(query, { maxComments: limits.maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError) return [addDefaultErrorCode(error, 'GRAPHQL_PARSE_FAILED')];
    throw error;
  }
  const operation = getOperationAST(document, operationName);
  return operation ? { document, operation } : [createOperationNotFoundError(operationName)];
}

/**
 * Checks the size of an operation and validates its document.
 * @returns the errors; none if the document is valid
 */
export function validateOperation(
  apiSchema: GraphQLSchema,
  { document, operation }: ParsedOperation,
  { hideSuggestions, introspection, ...limits }: ParseOperationOptions,
): readonly GraphQLError[] {
  const limitError = checkOperationSize(document, operation, limits);
  if (limitError) return [limitError];
  // The costs of a document whose fragments form a cycle cannot be counted, and it is invalid in any case.
  if (hasFragmentCycle(document)) {
    return validate(apiSchema, document, [NoFragmentCyclesRule]).map((error) =>
      addDefaultErrorCode(error, 'GRAPHQL_VALIDATION_FAILED'),
    );
  }
  const mergingError = checkFieldMerging(document);
  if (mergingError) return [mergingError];

  // This check comes before validation, because graphql-js throws at variables in conditions at the root.
  const { conditions } = collectRootSelections(document, operation);
  if (operation.operation === OperationTypeNode.SUBSCRIPTION && conditions.length > 0) {
    const message = 'The root field of a subscription cannot have @skip or @include. Remove the directive.';
    return [createCodedError('GRAPHQL_VALIDATION_FAILED', message, conditions)];
  }
  const rules = introspection ? RULES : RULES_WITHOUT_INTROSPECTION;
  return validate(apiSchema, document, rules, { hideSuggestions }).map((error) =>
    error.message === UNKNOWN_STREAM_MESSAGE
      ? createCodedError('GRAPHQL_VALIDATION_FAILED', STREAM_MESSAGE, error.nodes)
      : addDefaultErrorCode(error, 'GRAPHQL_VALIDATION_FAILED'),
  );
}

/** The message of graphql-js. */
const UNKNOWN_STREAM_MESSAGE = 'Unknown directive "@stream".';
const STREAM_MESSAGE =
  'The directive @stream is not supported: lists are sent whole. Remove it, and select fewer elements if the list is long.';

/**
 * Replaces the locations of a document by small ones. The parser's locations hold every token of the text, comments
 * included: up to 40 bytes for each byte of a document that stays in the cache.
 * @returns the number of nodes: a measure of what the document takes in memory
 */
export function compactLocations(document: DocumentNode): number {
  const source = document.loc?.source;
  // graphql-js's `visit` takes five times as long.
  const compact = (node: ASTNode): number => {
    let nodeCount = 1;
    for (const [key, value] of Object.entries(node) as [string, unknown][]) {
      if (key === 'loc' || typeof value !== 'object' || value === null) continue;
      if (Array.isArray(value)) for (const child of value as ASTNode[]) nodeCount += compact(child);
      else nodeCount += compact(value as ASTNode);
    }
    if (node.loc && source) {
      const { start, end } = node.loc;
      (node as { loc: unknown }).loc = { start, end, source };
    }
    return nodeCount;
  };
  return compact(document);
}

const createOperationNotFoundError = (operationName: string | undefined): GraphQLError =>
  createCodedError(
    'OPERATION_RESOLUTION_FAILURE',
    operationName === undefined
      ? 'The document must have exactly one operation. If it has several, send an operationName.'
      : `The document has no operation "${operationName}".`,
  );
