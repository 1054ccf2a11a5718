import {
  Kind,
  Lexer,
  Source,
  TokenKind,
  type DocumentNode,
  type GraphQLError,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { createCodedError } from '../shared/errors.js';
import { indexFragments } from '../shared/graphql-ast.js';

/** Requests beyond these limits are rejected with OPERATION_TOO_COMPLEX, before more is done with them. */
export interface OperationLimits {
  /** Maximum size of a document in bytes of UTF-8. @default 1_048_576 // 1 MiB */
  readonly maxDocumentBytes: number;
  /** Maximum number of tokens of a document, and of its comments. @default 10_000 */
  readonly maxTokens: number;
  /** Maximum number of operations in a document. @default 100 */
  readonly maxOperations: number;
  /** Maximum depth of nested fields. @default 200 */
  readonly maxDepth: number;
  /** Maximum number of selections, with the selections of a fragment counted at each spread. @default 20_000 */
  readonly maxSelections: number;
  /** Maximum number of root fields, with those of a fragment counted at each spread. @default 1_000 */
  readonly maxRootFields: number;
  /** Maximum number of aliases, with those of a fragment counted at each spread. @default 10_000 */
  readonly maxAliases: number;
  /** Maximum number of directives, with those of a fragment counted at each spread. @default 10_000 */
  readonly maxDirectives: number;
  /** Maximum depth of nested lists and objects in the values of variables. @default 100 */
  readonly maxVariableDepth: number;
  /** Maximum number of scalars, lists and objects in the values of all variables. @default 200_000 */
  readonly maxVariableValues: number;
  /** Maximum size of one text in the document, the variables or `extensions`, in bytes of UTF-8. @default 1_048_576 // 1 MiB */
  readonly maxTextBytes: number;
}

export const DEFAULT_OPERATION_LIMITS: OperationLimits = {
  maxDocumentBytes: 1_048_576, // 1 MiB
  maxTokens: 10_000,
  maxOperations: 100,
  maxDepth: 200,
  maxSelections: 20_000,
  maxRootFields: 1_000,
  maxAliases: 10_000,
  maxDirectives: 10_000,
  maxVariableDepth: 100,
  maxVariableValues: 200_000,
  maxTextBytes: 1_048_576, // 1 MiB
};

/** Replaces the default limits by the given ones. Limits that are undefined keep their defaults. */
export function resolveOperationLimits(limits: Partial<OperationLimits>): OperationLimits {
  const resolve = (name: keyof OperationLimits) => limits[name] ?? DEFAULT_OPERATION_LIMITS[name];
  const names = Object.keys(DEFAULT_OPERATION_LIMITS) as (keyof OperationLimits)[];
  return Object.fromEntries(names.map((name) => [name, resolve(name)])) as unknown as OperationLimits;
}

/**
 * Maximum depth of nested braces, brackets and parentheses. The parser and the planner call themselves for each, and would
 * exhaust the stack. A field in an inline fragment takes two levels.
 */
const MAX_NESTED_BRACKETS = 500;

/** Maximum length of a name. Messages of validation repeat names, and take time to create. */
const MAX_NAME_LENGTH = 1_000;

const OPENING_BRACKETS: ReadonlySet<string> = new Set([
  TokenKind.BRACE_L,
  TokenKind.BRACKET_L,
  TokenKind.PAREN_L,
]);
const CLOSING_BRACKETS: ReadonlySet<string> = new Set([
  TokenKind.BRACE_R,
  TokenKind.BRACKET_R,
  TokenKind.PAREN_R,
]);

const TEXTS: ReadonlySet<string> = new Set([TokenKind.STRING, TokenKind.BLOCK_STRING]);

/** UTF-8 has at most this number of bytes for a UTF-16 unit, and at least one. */
const MAX_BYTES_PER_UNIT = 3;

const exceedsBytes = (text: string, maxBytes: number): boolean =>
  text.length > maxBytes ||
  // Counting bytes takes time.
  (text.length * MAX_BYTES_PER_UNIT > maxBytes && Buffer.byteLength(text) > maxBytes);

/**
 * Checks the text of a document before it is parsed: its size, its tokens and their nesting.
 * @returns the error if it exceeds a limit
 * @throws GraphQLError for a character that no token has
 */
export function checkDocumentText(
  query: string,
  { maxDocumentBytes, maxTokens, maxTextBytes }: OperationLimits,
): GraphQLError | undefined {
  if (exceedsBytes(query, maxDocumentBytes)) {
    return createLimitError(`The document has more than ${maxDocumentBytes} bytes. Send a smaller one.`);
  }
  const lexer = new Lexer(new Source(query));
  let tokens = 0;
  let depth = 0;
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    const { kind } = token;
    tokens += 1;
    if (tokens > maxTokens) {
      return createLimitError(`The document has more than ${maxTokens} tokens. Send a smaller one.`);
    }
    if (kind === TokenKind.NAME && token.end - token.start > MAX_NAME_LENGTH) {
      return createLimitError(
        `The document has a name with more than ${MAX_NAME_LENGTH} characters. Shorten it.`,
      );
    }
    if (TEXTS.has(kind) && exceedsBytes(query.slice(token.start, token.end), maxTextBytes)) {
      return createLimitError(
        `The document has a text with more than ${maxTextBytes} bytes. Send a shorter one.`,
      );
    }
    if (OPENING_BRACKETS.has(kind)) depth += 1;
    else if (CLOSING_BRACKETS.has(kind)) depth -= 1;
    if (depth > MAX_NESTED_BRACKETS) {
      return createLimitError(
        `The document nests more than ${MAX_NESTED_BRACKETS} braces, brackets and parentheses. Nest fewer.`,
      );
    }
  }
  return undefined;
}

/** The size of an operation, with everything in a fragment counted at each spread. */
export interface OperationSize {
  readonly selections: number;
  /** Depth of nested fields. */
  readonly depth: number;
  readonly rootFields: number;
  readonly aliases: number;
  readonly directives: number;
}

const ZERO_SIZE: OperationSize = { selections: 0, depth: 0, rootFields: 0, aliases: 0, directives: 0 };

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
  /** Here the root fields are the fields of the selection set itself. */
  const measureSelectionSet = (selectionSet: SelectionSetNode | undefined): OperationSize => {
    let { selections, depth, rootFields, aliases, directives } = ZERO_SIZE;
    for (const selection of selectionSet?.selections ?? []) {
      const isField = selection.kind === Kind.FIELD;
      const inner =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? measureFragment(selection.name.value)
          : measureSelectionSet(selection.selectionSet);
      selections += 1 + inner.selections;
      depth = Math.max(depth, inner.depth + (isField ? 1 : 0));
      rootFields += isField ? 1 : inner.rootFields;
      aliases += inner.aliases + (isField && selection.alias ? 1 : 0);
      directives += inner.directives + (selection.directives?.length ?? 0);
    }
    return { selections, depth, rootFields, aliases, directives };
  };
  const size = measureSelectionSet(operation.selectionSet);
  return { ...size, directives: size.directives + (operation.directives?.length ?? 0) };
}

/**
 * Checks the size of an operation. The document need not be valid.
 * @returns the error if it exceeds a limit
 */
export function checkOperationSize(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  limits: OperationLimits,
): GraphQLError | undefined {
  const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION).length;
  const { selections, depth, rootFields, aliases, directives } = measureOperation(document, operation);
  const split = 'Split it into several operations.';
  const checks = [
    [depth, limits.maxDepth, 'levels of fields', 'Select less deeply.'],
    [selections, limits.maxSelections, 'selections', split],
    [rootFields, limits.maxRootFields, 'root fields', split],
    [aliases, limits.maxAliases, 'aliases', split],
    [directives, limits.maxDirectives, 'directives', 'Use fewer directives.'],
  ] as const;
  if (operations > limits.maxOperations) {
    return createLimitError(
      `The document has ${operations} operations; the maximum is ${limits.maxOperations}. Send fewer operations.`,
    );
  }
  for (const [value, maximum, what, advice] of checks) {
    if (value <= maximum) continue;
    return createLimitError(`The operation has more than ${maximum} ${what}. ${advice}`);
  }
  return undefined;
}

/**
 * Checks the values of variables, as parsed from JSON, before they are coerced.
 * @returns the error if they exceed a limit
 */
export function checkVariableValues(
  variables: Readonly<Record<string, unknown>>,
  { maxVariableDepth, maxVariableValues, maxTextBytes }: OperationLimits,
): GraphQLError | undefined {
  const isLongText = (value: unknown): boolean =>
    typeof value === 'string' && exceedsBytes(value, maxTextBytes);
  let level = listChildren(variables);
  // The values of one depth after the other: nesting as deep as a body allows must not exhaust the stack.
  let count = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    count += level.length;
    if (count > maxVariableValues) {
      return createLimitError(`The variables have more than ${maxVariableValues} values. Send fewer.`);
    }
    if (depth > maxVariableDepth) {
      return createLimitError(
        `The variables nest more than ${maxVariableDepth} lists and objects. Nest fewer.`,
      );
    }
    if (level.some(isLongText)) {
      const path = findPath(variables, isLongText, maxVariableDepth) ?? [];
      return createLimitError(
        `The variable "${path.join('.')}" has more than ${maxTextBytes} bytes. Send a shorter text.`,
      );
    }
    // The variables of most requests are few scalars.
    level = level.some(isContainer) ? level.flatMap(listChildren) : [];
  }
  return undefined;
}

/** The keys that lead to the first value for which the predicate holds. */
function findPath(
  value: unknown,
  predicate: (value: unknown) => boolean,
  maxDepth: number,
): readonly string[] | undefined {
  if (predicate(value)) return [];
  if (!isContainer(value) || maxDepth < 0) return undefined;
  for (const [key, child] of Object.entries(value)) {
    const path = findPath(child, predicate, maxDepth - 1);
    if (path) return [key, ...path];
  }
  return undefined;
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

const listChildren = (value: unknown): readonly unknown[] => {
  if (!isContainer(value)) return [];
  return Array.isArray(value) ? value : Object.values(value);
};

const createLimitError = (message: string): GraphQLError =>
  createCodedError('OPERATION_TOO_COMPLEX', message);
