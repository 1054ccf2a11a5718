import {
  getNamedType,
  isCompositeType,
  isObjectType,
  Kind,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { getResponseKey, isTypenameField, WITHOUT_VALUES } from '../shared/graphql-ast.js';
import { deriveFetchSelection, mergeSelections, type FetchSelection } from './fetch-selection.js';
import { EVERY_ELEMENT, type PlanNode, type PlanPath } from './query-planner.js';

/*
 * Composition guarantees that a subgraph can be found for each field, but not every supergraph is validated, and a field of an
 * interface without objects has no subgraph. Apollo's planner then throws an error, or leaves the field out.
 */

/**
 * Finds a field of an object type that no fetch of a plan selects, so that it would be null without an error. Conditions on other
 * types are skipped: the planner leaves out what it knows to be impossible.
 * @param operation without named fragments
 * @returns its coordinate: `Type.field`
 */
export function findUnfetchedField(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  plan: PlanNode | undefined,
): string | undefined {
  const rootType = schema.getRootType(operation.operation);
  const fetched = plan && collectFetchedFields(plan, []);
  return rootType ? findMissing(schema, rootType, operation.selectionSet, fetched ?? new Map()) : undefined;
}

/** The response keys of all fetches of a plan. Type conditions are ignored. */
function collectFetchedFields(node: PlanNode, path: PlanPath): FetchSelection {
  switch (node.kind) {
    case 'Fetch':
      return path
        .filter((step) => typeof step === 'string' && step !== EVERY_ELEMENT)
        .reduceRight<FetchSelection>(
          (below, key) => new Map([[key as string, below]]),
          deriveFetchSelection(node),
        );
    case 'Flatten':
      return collectFetchedFields(node.node, [...path, ...node.path]);
    case 'Sequence':
    case 'Parallel':
      return node.nodes.reduce<FetchSelection>(
        (fetched, each) => mergeSelections(fetched, collectFetchedFields(each, path)) ?? fetched,
        new Map(),
      );
  }
}

function findMissing(
  schema: GraphQLSchema,
  type: GraphQLCompositeType,
  { selections }: SelectionSetNode,
  fetched: FetchSelection,
): string | undefined {
  for (const selection of selections) {
    let missing: string | undefined;
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const { typeCondition } = selection;
      const hasOtherType = typeCondition !== undefined && typeCondition.name.value !== type.name;
      if (!hasOtherType) missing = findMissing(schema, type, selection.selectionSet, fetched);
    } else if (selection.kind === Kind.FIELD && !isTypenameField(selection)) {
      missing = findMissingBelow(schema, type, selection, fetched);
    }
    if (missing !== undefined) return missing;
  }
  return undefined;
}

function findMissingBelow(
  schema: GraphQLSchema,
  type: GraphQLCompositeType,
  field: FieldNode,
  fetched: FetchSelection,
): string | undefined {
  const key = getResponseKey(field);
  const name = field.name.value;
  if (!fetched.has(key)) return isObjectType(type) ? `${type.name}.${name}` : undefined;
  const selection = fetched.get(key);
  const definition = 'getFields' in type ? type.getFields()[name] : undefined;
  const fieldType = definition && getNamedType(definition.type);
  return selection && field.selectionSet && isCompositeType(fieldType)
    ? findMissing(schema, fieldType, field.selectionSet, selection)
    : undefined;
}

/** The message of Apollo's planner if no subgraph can resolve a selection. */
const NO_OPTIONS_MESSAGE = /Was not able to find any options for ([^]*?): This shouldn't have happened/;

/**
 * Finds the field that an error of Apollo's planner is about.
 * @param document the planned one
 * @returns its coordinate; only its name if several types have such a field; `undefined` if the error names no field
 */
export function readUnresolvableField(
  schema: GraphQLSchema,
  document: DocumentNode,
  message: string,
): string | undefined {
  const selection = NO_OPTIONS_MESSAGE.exec(message)?.[1];
  const field = selection === undefined ? undefined : parseFirstField(selection);
  if (!field) return undefined;
  const coordinates = new Set<string>();
  visitFields(schema, document, (coordinate, node) => {
    if (node.name.value === field.name.value && getResponseKey(node) === getResponseKey(field)) {
      coordinates.add(coordinate);
    }
  });
  const [coordinate] = coordinates;
  return coordinates.size === 1 ? coordinate : field.name.value;
}

function parseFirstField(selection: string): FieldNode | undefined {
  let first: FieldNode | undefined;
  try {
    visit(parse(`{ ${selection} }`, { noLocation: true }), { Field: (field) => void (first ??= field) });
  } catch {
    // Its text is for people. It need not be valid GraphQL.
  }
  return first;
}

/** The fields of a document with a coordinate, or with a name. */
export function findFieldNodes(schema: GraphQLSchema, document: DocumentNode, wanted: string): FieldNode[] {
  const nodes: FieldNode[] = [];
  visitFields(schema, document, (coordinate, node) => {
    if (coordinate === wanted || node.name.value === wanted) nodes.push(node);
  });
  return nodes;
}

function visitFields(
  schema: GraphQLSchema,
  document: DocumentNode,
  callback: (coordinate: string, field: FieldNode) => void,
): void {
  const typeInfo = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      ...WITHOUT_VALUES,
      Field(node) {
        const parentType = typeInfo.getParentType();
        if (parentType) callback(`${parentType.name}.${node.name.value}`, node);
      },
    }),
  );
}
