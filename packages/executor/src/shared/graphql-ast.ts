import {
  getOperationAST,
  Kind,
  parse,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type InlineFragmentNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/**
 * The field and the variable of entity fetches
 * (https://www.apollographql.com/docs/graphos/reference/federation/subgraph-specification).
 */
export const ENTITIES_FIELD = '_entities';
export const REPRESENTATIONS_VARIABLE = 'representations';

/** Lets `visit` leave out arguments and definitions of variables, whose values can be long. */
export const WITHOUT_VALUES = { Argument: () => false, VariableDefinition: () => false } as const;

/** The key of a field in the response: its alias, or else its name. */
export const getResponseKey = (field: FieldNode): string => (field.alias ?? field.name).value;

export const TYPENAME_FIELD: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

export const isTypenameField = (field: FieldNode): boolean => field.name.value === '__typename';

/** Whether a field is `__schema` or `__type`, which the schema itself answers. */
export const isIntrospectionField = ({ name }: FieldNode): boolean =>
  name.value === '__schema' || name.value === '__type';

/** Whether a directive is `@skip` or `@include`. */
export const isConditionDirective = ({ name }: DirectiveNode): boolean =>
  name.value === 'skip' || name.value === 'include';

/** Whether a directive is `@defer`. */
export const isDeferDirective = ({ name }: DirectiveNode): boolean => name.value === 'defer';

/** The fragment definitions of a document by name. */
export const indexFragments = ({ definitions }: DocumentNode): Map<string, FragmentDefinitionNode> =>
  new Map(
    definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );

/**
 * Calls a function with each selection of a document. Fragment spreads are not followed. graphql-js's `visit` prepares every
 * kind of node at each call, which takes longer than visiting most documents.
 */
export function forEachSelection(
  { definitions }: DocumentNode,
  callback: (selection: SelectionNode) => void,
): void {
  const visitSelections = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      callback(selection);
      if (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet) {
        visitSelections(selection.selectionSet);
      }
    }
  };
  for (const definition of definitions) {
    if ('selectionSet' in definition) visitSelections(definition.selectionSet);
  }
}

/** @throws Error if the document has no operation of that name, or no name is given and there is not exactly one */
export function getOperation(document: DocumentNode, name: string | undefined): OperationDefinitionNode {
  const operation = getOperationAST(document, name);
  if (!operation) throw new Error(`The document has no operation ${name ?? ''}.`);
  return operation;
}

/**
 * Parses a document that consists of one operation without named fragments.
 * @throws GraphQLError for a syntax error
 */
export function parseSingleOperation(text: string): OperationDefinitionNode {
  const [definition] = parse(text, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) {
    throw new Error('Expected a single operation.');
  }
  return definition;
}

/** Parses the `FieldSet` of a federation directive, such as `id owner { id }` in `@key(fields: "id owner { id }")`. */
export const parseFieldSet = (fieldSet: string): readonly SelectionNode[] =>
  parseSingleOperation(`{ ${fieldSet} }`).selectionSet.selections;

export const createSelectionSet = (selections: readonly SelectionNode[]): SelectionSetNode => ({
  kind: Kind.SELECTION_SET,
  selections,
});

/** Creates `... on Type { selections }`. */
export const createInlineFragment = (
  typeName: string,
  selections: readonly SelectionNode[],
): InlineFragmentNode => ({
  kind: Kind.INLINE_FRAGMENT,
  typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: typeName } },
  selectionSet: createSelectionSet(selections),
});

/** Removes fields from a selection set and its inline fragments. Fragments that become empty are removed too. */
export const removeFields = (
  selectionSet: SelectionSetNode,
  isRemoved: (field: FieldNode) => boolean,
): SelectionSetNode =>
  createSelectionSet(
    selectionSet.selections.flatMap((selection): SelectionNode[] => {
      if (selection.kind === Kind.FIELD) return isRemoved(selection) ? [] : [selection];
      if (selection.kind !== Kind.INLINE_FRAGMENT) return [selection];
      const inner = removeFields(selection.selectionSet, isRemoved);
      return inner.selections.length > 0 ? [{ ...selection, selectionSet: inner }] : [];
    }),
  );

export interface RootSelections {
  /** The root fields in document order, including those in fragments. */
  readonly fields: readonly FieldNode[];
  /** `@skip` and `@include` on the root fields and on the fragments around them. */
  readonly conditions: readonly DirectiveNode[];
}

/** Collects the root fields of an operation. The document need not be valid. */
export function collectRootSelections(
  document: DocumentNode,
  operation: OperationDefinitionNode,
): RootSelections {
  const fragments = indexFragments(document);
  const fields: FieldNode[] = [];
  const conditions: DirectiveNode[] = [];
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      conditions.push(...(selection.directives ?? []).filter(isConditionDirective));
      if (selection.kind === Kind.FIELD) fields.push(selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
      else {
        const fragment = fragments.get(selection.name.value);
        // Each fragment is visited once: before validation, fragments may form a cycle.
        fragments.delete(selection.name.value);
        if (fragment) collect(fragment.selectionSet);
      }
    }
  };
  collect(operation.selectionSet);
  return { fields, conditions };
}

/** The names (not aliases) of the root fields of an operation, including those in fragments. */
export const getRootFieldNames = (document: DocumentNode, operation: OperationDefinitionNode): string[] =>
  collectRootSelections(document, operation).fields.map(({ name }) => name.value);
