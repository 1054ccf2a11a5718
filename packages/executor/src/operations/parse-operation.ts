import {
  getOperationAST,
  GraphQLError,
  Kind,
  NoSchemaIntrospectionCustomRule,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { addDefaultErrorCode, createCodedError } from '../shared/errors.js';
import { collectRootSelections, indexFragments } from '../shared/graphql-ast.js';

/** A valid operation and its document. */
export interface ParsedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

/** Operations beyond these limits are rejected before they are validated. */
export interface OperationLimits {
  /** Maximum number of tokens of a document. @default 10_000 */
  readonly maxTokens: number;
  /** Maximum depth of nested fields. @default 200 */
  readonly maxDepth: number;
  /** Maximum number of selections, with the selections of a fragment counted at each spread. @default 20_000 */
  readonly maxSelections: number;
}

/** Options of an executor that decide which operations are valid. */
export interface ParseOperationOptions extends OperationLimits {
  /** Whether validation messages leave out suggestions ("Did you mean …?"), which reveal names of the schema. @default false */
  readonly hideSuggestions: boolean;
  /** Whether clients may select `__schema` and `__type`. @default true */
  readonly introspection: boolean;
}

const RULES_WITHOUT_INTROSPECTION = [...specifiedRules, NoSchemaIntrospectionCustomRule];

/**
 * Parses a document, selects its operation, checks the size limits and validates the document.
 * @returns the errors if the operation is rejected
 */
export function parseOperation(
  apiSchema: GraphQLSchema,
  query: string,
  operationName: string | undefined,
  { hideSuggestions, introspection, ...limits }: ParseOperationOptions,
): ParsedOperation | readonly GraphQLError[] {
  let document: DocumentNode;
  try {
    document = parse(query, { maxLexicalTokens: limits.maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError) return [addDefaultErrorCode(error, 'GRAPHQL_PARSE_FAILED')];
    throw error;
  }
  const operation = getOperationAST(document, operationName);
  if (!operation) return [createOperationNotFoundError(operationName)];

  const limitError = checkLimits(measureOperation(document, operation), limits);
  if (limitError) return [limitError];

  // This check comes before validation, because graphql-js throws at variables in conditions at the root.
  const { conditions } = collectRootSelections(document, operation);
  if (operation.operation === OperationTypeNode.SUBSCRIPTION && conditions.length > 0) {
    const message = 'The root field of a subscription cannot have @skip or @include. Remove the directive.';
    return [createCodedError('GRAPHQL_VALIDATION_FAILED', message, conditions)];
  }
  const rules = introspection ? specifiedRules : RULES_WITHOUT_INTROSPECTION;
  const errors = validate(apiSchema, document, rules, { hideSuggestions });
  if (errors.length > 0)
    return errors.map((error) => addDefaultErrorCode(error, 'GRAPHQL_VALIDATION_FAILED'));
  return { document, operation };
}

/** The size of an operation, with the selections of a fragment counted at each spread. */
export interface OperationSize {
  readonly selections: number;
  /** Depth of nested fields. */
  readonly depth: number;
}

const ZERO_SIZE: OperationSize = { selections: 0, depth: 0 };

/** Measures an operation in time linear to the document, however often fragments are spread. The document need not be valid. */
export function measureOperation(document: DocumentNode, operation: OperationDefinitionNode): OperationSize {
  const fragments = indexFragments(document);
  const fragmentSizes = new Map<string, OperationSize>();
  const measureFragment = (name: string): OperationSize => {
    const knownSize = fragmentSizes.get(name);
    const fragment = fragments.get(name);
    if (knownSize || !fragment) return knownSize ?? ZERO_SIZE;
    // Ends the recursion: before validation, fragments may form a cycle.
    fragmentSizes.set(name, ZERO_SIZE);
    const size = measureSelectionSet(fragment.selectionSet);
    fragmentSizes.set(name, size);
    return size;
  };
  const measureSelectionSet = (selectionSet: SelectionSetNode | undefined): OperationSize => {
    let { selections, depth } = ZERO_SIZE;
    for (const selection of selectionSet?.selections ?? []) {
      const inner =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? measureFragment(selection.name.value)
          : measureSelectionSet(selection.selectionSet);
      selections += 1 + inner.selections;
      depth = Math.max(depth, inner.depth + (selection.kind === Kind.FIELD ? 1 : 0));
    }
    return { selections, depth };
  };
  return measureSelectionSet(operation.selectionSet);
}

function checkLimits(
  { depth, selections }: OperationSize,
  { maxDepth, maxSelections }: OperationLimits,
): GraphQLError | undefined {
  if (depth > maxDepth) {
    return createCodedError(
      'OPERATION_TOO_COMPLEX',
      `The operation has a depth of ${depth}. The maximum is ${maxDepth}. Select less deeply.`,
    );
  }
  if (selections <= maxSelections) return undefined;
  return createCodedError(
    'OPERATION_TOO_COMPLEX',
    `The operation has more than ${maxSelections} selections. Split it into several operations.`,
  );
}

const createOperationNotFoundError = (operationName: string | undefined): GraphQLError =>
  createCodedError(
    'OPERATION_RESOLUTION_FAILURE',
    operationName === undefined
      ? 'The document must have exactly one operation. If it has several, send an operationName.'
      : `The document has no operation "${operationName}".`,
  );
