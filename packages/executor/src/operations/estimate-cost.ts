import type { GraphQLError } from 'graphql';
import {
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isInputObjectType,
  isIntrospectionType,
  isListType,
  isObjectType,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  valueFromAST,
  visit,
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { listConditionVariables } from '../planning/evaluate-skip-include.js';
import type { VariableValues } from '../planning/query-planner.js';
import { createCodedError } from '../shared/errors.js';
import { forEachSelection, getResponseKey, indexFragments } from '../shared/graphql-ast.js';
import {
  getArgumentCoordinate,
  getFieldCoordinate,
  type CostModel,
  type ListSize,
} from '../supergraph/cost-model.js';
import { getIntrospectionSizes } from './introspection-sizes.js';

/** Number of elements in a list that the schema says nothing about. */
export const DEFAULT_LIST_SIZE = 10;
/** Weight of an object without `@cost`. Scalars and enums cost nothing. */
const DEFAULT_OBJECT_WEIGHT = 1;
/** Weight of an object of the introspection system. No subgraph is asked for it, but it takes several microseconds. */
const INTROSPECTION_OBJECT_WEIGHT = 0.1;
/** An operation for which more fields must be visited is too costly in any case. */
const MAX_VISITED_FIELDS = 20_000;

/**
 * Estimates the greatest cost that an operation can have, without executing it: the sum of the weights of the objects that
 * its response can contain (https://ibm.github.io/graphql-specs/cost-spec.html). Lists multiply the cost of their elements.
 * Of the types that an object can have, the most costly counts.
 * @param schema the schema that clients see
 * @param document a valid document
 * @param variables coerced, with defaults
 * @returns the cost; Infinity if the estimate itself would take too long
 * @throws GraphQLError BAD_USER_INPUT if a field needs exactly one slicing argument and has none or several
 */
export function estimateCost(
  schema: GraphQLSchema,
  model: CostModel,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: VariableValues,
): number {
  const rootType = schema.getRootType(operation.operation);
  if (!rootType) return 0;
  return createEstimate(
    schema,
    model,
    indexFragments(document),
    variables,
  )(rootType, [operation.selectionSet]);
}

/**
 * Lists the variables whose values can change what {@link estimateCost} returns: those in conditions (`@skip`, `@include`), and in
 * arguments that limit lists or contain input objects with costs.
 */
export function listCostVariables(model: CostModel, document: DocumentNode): readonly string[] {
  const names = new Set(listConditionVariables(document));
  const addVariables = ({ value }: ArgumentNode) => {
    if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    else visit(value, { Variable: ({ name }) => void names.add(name.value) });
  };
  forEachSelection(document, (selection) => {
    if (selection.kind !== Kind.FIELD) return;
    for (const argument of selection.arguments ?? []) {
      if (model.hasInputWeights || model.slicingArguments.has(argument.name.value)) addVariables(argument);
    }
  });
  return [...names];
}

/** What the field of an object says about it. */
interface ObjectContext {
  /** `@cost` of the field: it replaces the weight of the object's type. */
  readonly weight: number | undefined;
  readonly list: SizedList | undefined;
}

/**
 * The list of a paged object, such as a connection: its fields `fields` have `size` elements. A path such as `results.nodes` leads to a
 * field of an object below.
 */
interface SizedList {
  readonly size: number;
  readonly fields: readonly string[];
}

/** What a sized list says about the fields of the object in one of its fields. */
function getInnerList(list: SizedList | undefined, fieldName: string): SizedList | undefined {
  const prefix = `${fieldName}.`;
  const fields = (list?.fields ?? []).filter((path) => path.startsWith(prefix));
  if (!list || fields.length === 0) return undefined;
  return { size: list.size, fields: fields.map((path) => path.slice(prefix.length)) };
}

/** The fields with one response key. They are merged in the response, so that they cost once. */
interface FieldGroup {
  readonly nodes: FieldNode[];
  /** The types in whose selection sets the fields stand. */
  readonly parentNames: Set<string>;
}

function createEstimate(
  schema: GraphQLSchema,
  model: CostModel,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: VariableValues,
): (type: GraphQLCompositeType, selectionSets: readonly SelectionSetNode[]) => number {
  let visitedFields = 0;
  const ids = new Map<SelectionSetNode, number>();
  /** The same selection sets are estimated once for each type, however many paths lead to them. */
  const estimates = new Map<string, number>();

  const getId = (set: SelectionSetNode): number => {
    const id = ids.get(set) ?? ids.size;
    ids.set(set, id);
    return id;
  };

  const isIncluded = ({ directives = [] }: SelectionNode): boolean =>
    directives.every((directive) => {
      const name = directive.name.value;
      if (name !== 'skip' && name !== 'include') return true;
      const value = directive.arguments?.[0]?.value;
      const condition =
        value?.kind === Kind.VARIABLE
          ? variables[value.name.value] === true
          : value?.kind === Kind.BOOLEAN && value.value;
      return condition === (name === 'include');
    });

  /** The fragment of a selection, with the type that it applies to. */
  const resolveFragment = (selection: Exclude<SelectionNode, FieldNode>) => {
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    return { typeName: fragment?.typeCondition?.name.value, selectionSet: fragment?.selectionSet };
  };

  const isOfType = (objectType: GraphQLObjectType, typeName: string): boolean => {
    const type = schema.getType(typeName);
    return type === objectType || (isAbstractType(type) && schema.isSubType(type, objectType));
  };

  /** The names of the selected fields, and of the types in the conditions of fragments, at any depth of fragments. */
  const listNames = (
    sets: readonly SelectionSetNode[],
    names = { fields: new Set<string>(), conditions: new Set<string>() },
    seen = new Set<SelectionSetNode>(),
  ) => {
    for (const set of sets) {
      if (seen.has(set)) continue;
      seen.add(set);
      for (const selection of set.selections) {
        if (selection.kind === Kind.FIELD) {
          names.fields.add(selection.name.value);
          continue;
        }
        const { typeName, selectionSet } = resolveFragment(selection);
        if (typeName !== undefined) names.conditions.add(typeName);
        if (selectionSet) listNames([selectionSet], names, seen);
      }
    }
    return names;
  };

  /**
   * The object types that differ in the fragments that apply to them, in the types of the selected fields, or in costs of
   * their own. One stands for all types like it.
   */
  const listDistinctTypes = (
    type: GraphQLCompositeType,
    sets: readonly SelectionSetNode[],
  ): readonly GraphQLObjectType[] => {
    if (isObjectType(type)) return [type];
    const { fields, conditions } = listNames(sets);
    const distinct = new Map<string, GraphQLObjectType>();
    for (const objectType of schema.getPossibleTypes(type)) {
      visitedFields += 1;
      const objectFields = objectType.getFields();
      const ownCosts = model.typesWithCosts.has(objectType.name) ? objectType.name : '';
      const applying = [...conditions].map((name) => isOfType(objectType, name));
      const types = [...fields].map((name) => String(objectFields[name]?.type));
      distinct.set([ownCosts, ...applying, ...types].join(), objectType);
    }
    return [...distinct.values()];
  };

  const collectFields = (
    objectType: GraphQLObjectType,
    parentName: string,
    set: SelectionSetNode,
    groups: Map<string, FieldGroup>,
    visitedSets: Set<SelectionSetNode>,
  ): void => {
    if (visitedSets.has(set)) return;
    visitedSets.add(set);
    for (const selection of set.selections) {
      if (!isIncluded(selection)) continue;
      visitedFields += 1;
      if (selection.kind !== Kind.FIELD) {
        const { typeName = parentName, selectionSet } = resolveFragment(selection);
        if (selectionSet && (typeName === parentName || isOfType(objectType, typeName))) {
          collectFields(objectType, typeName, selectionSet, groups, visitedSets);
        }
        continue;
      }
      const key = getResponseKey(selection);
      const group = groups.get(key) ?? { nodes: [], parentNames: new Set() };
      group.nodes.push(selection);
      group.parentNames.add(parentName);
      groups.set(key, group);
    }
  };

  /** The cost of one object of the type: the most costly of the types that it can have. */
  const estimateObject = (
    type: GraphQLCompositeType,
    sets: readonly SelectionSetNode[],
    { weight, list }: ObjectContext,
  ): number => {
    const key = [type.name, weight, list?.size, list?.fields.join(), ...sets.map(getId)].join(' ');
    const known = estimates.get(key);
    if (known !== undefined) return known;
    let cost = 0;
    for (const objectType of listDistinctTypes(type, sets)) {
      const groups = new Map<string, FieldGroup>();
      const visitedSets = new Set<SelectionSetNode>();
      for (const set of sets) collectFields(objectType, type.name, set, groups, visitedSets);
      let objectCost = weight ?? getTypeWeight(model, objectType);
      for (const group of groups.values()) objectCost += estimateField(objectType, group, list);
      cost = Math.max(cost, objectCost);
      if (visitedFields > MAX_VISITED_FIELDS) return Infinity;
    }
    estimates.set(key, cost);
    return cost;
  };

  const estimateField = (
    parentType: GraphQLObjectType,
    { nodes, parentNames }: FieldGroup,
    parentList: SizedList | undefined,
  ): number => {
    const [node] = nodes;
    const field = node && (parentType.getFields()[node.name.value] ?? META_FIELDS.get(node.name.value));
    if (!node || !field) return 0;
    const coordinates = [parentType.name, ...parentNames].map((name) => getFieldCoordinate(name, field.name));
    const find = <Value>(values: ReadonlyMap<string, Value>): Value | undefined =>
      coordinates.map((coordinate) => values.get(coordinate)).find((value) => value !== undefined);

    const listSize = find(model.listSizes);
    const introspectionSize = isIntrospectionType(parentType)
      ? getIntrospectionSizes(schema).get(getFieldCoordinate(parentType.name, field.name))
      : undefined;
    const size = introspectionSize ?? (listSize && getListSize(field, node, listSize)) ?? DEFAULT_LIST_SIZE;
    const list = listSize?.sizedFields.length
      ? { size, fields: listSize.sizedFields }
      : getInnerList(parentList, field.name);
    const weight = find(model.fieldWeights);
    const type = getNamedType(field.type);
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const element = isCompositeType(type)
      ? estimateObject(type, sets, { weight, list })
      : (weight ?? model.typeWeights.get(type.name) ?? 0);
    const elements = parentList?.fields.includes(field.name) ? parentList.size : size;
    const depth = countListLevels(field.type);
    // The declared size is that of the outer list.
    const count = depth === 0 ? (introspectionSize ?? 1) : elements * DEFAULT_LIST_SIZE ** (depth - 1);
    // Without this check, no elements of infinite cost would be NaN.
    return (count === 0 ? 0 : count * element) + estimateArguments(parentType.name, field, node);
  };

  const estimateArguments = (
    typeName: string,
    field: GraphQLField<unknown, unknown>,
    node: FieldNode,
  ): number => {
    if (model.argumentWeights.size === 0 && !model.hasInputWeights) return 0;
    let cost = 0;
    for (const { name, value } of node.arguments ?? []) {
      const definition = field.args.find((argument) => argument.name === name.value);
      if (!definition) continue;
      cost += model.argumentWeights.get(getArgumentCoordinate(typeName, field.name, name.value)) ?? 0;
      if (!model.hasInputWeights) continue;
      cost += estimateInput(definition.type, valueFromAST(value, definition.type, variables));
    }
    return cost;
  };

  const estimateInput = (inputType: GraphQLInputType, value: unknown): number => {
    if (Array.isArray(value)) {
      visitedFields += value.length;
      return value.reduce<number>((sum, element) => sum + estimateInput(inputType, element), 0);
    }
    const type = getNamedType(inputType);
    if (!isInputObjectType(type) || typeof value !== 'object' || value === null) return 0;
    let cost = model.typeWeights.get(type.name) ?? 0;
    const fields = type.getFields();
    for (const [name, fieldValue] of Object.entries(value)) {
      const field = fields[name];
      if (!field) continue;
      const weight = model.fieldWeights.get(getFieldCoordinate(type.name, name)) ?? 0;
      const count = Array.isArray(fieldValue) ? fieldValue.length : 1;
      cost += weight * count + estimateInput(field.type, fieldValue);
    }
    return cost;
  };

  const getListSize = (
    field: GraphQLField<unknown, unknown>,
    node: FieldNode,
    listSize: ListSize,
  ): number | undefined => {
    const { assumedSize, slicingArguments, requireOneSlicingArgument } = listSize;
    const values = slicingArguments.map((path) => readArgument(field, node, path, variables));
    const given = values.filter((value) => value !== undefined && value !== null);
    if (requireOneSlicingArgument && slicingArguments.length > 0 && given.length !== 1) {
      throw createSlicingError(node, slicingArguments);
    }
    if (given.length === 0) return assumedSize;
    return Math.max(
      ...given.map((value) => {
        if (Array.isArray(value)) return value.length;
        const size = typeof value === 'bigint' ? Number(value) : value;
        // A subgraph may take a negative number for any size.
        return typeof size === 'number' && size >= 0 ? size : (assumedSize ?? DEFAULT_LIST_SIZE);
      }),
    );
  };

  return (rootType, sets) => estimateObject(rootType, sets, { weight: 0, list: undefined });
}

const META_FIELDS: ReadonlyMap<string, GraphQLField<unknown, unknown>> = new Map([
  [SchemaMetaFieldDef.name, SchemaMetaFieldDef],
  [TypeMetaFieldDef.name, TypeMetaFieldDef],
]);

/** 1 for a list, 2 for a list of lists. */
function countListLevels(outputType: GraphQLOutputType): number {
  const type = getNullableType(outputType);
  return isListType(type) ? 1 + countListLevels(type.ofType) : 0;
}

const getTypeWeight = (model: CostModel, type: GraphQLObjectType): number =>
  model.typeWeights.get(type.name) ??
  (isIntrospectionType(type) ? INTROSPECTION_OBJECT_WEIGHT : DEFAULT_OBJECT_WEIGHT);

function readArgument(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  path: string,
  variables: VariableValues,
): unknown {
  const [name = '', ...fieldNames] = path.split('.');
  const definition = field.args.find((argument) => argument.name === name);
  const argument = node.arguments?.find((candidate) => candidate.name.value === name);
  if (!definition) return undefined;
  let value: unknown = argument
    ? valueFromAST(argument.value, definition.type, variables)
    : definition.defaultValue;
  // A variable without a value leaves the argument to its default.
  if (value === undefined) value = definition.defaultValue;
  for (const fieldName of fieldNames) {
    value = typeof value === 'object' && value ? (value as Record<string, unknown>)[fieldName] : undefined;
  }
  return value;
}

const createSlicingError = (node: FieldNode, slicingArguments: readonly string[]): GraphQLError =>
  createCodedError(
    'BAD_USER_INPUT',
    `The field "${node.name.value}" needs exactly one of these arguments: ${slicingArguments.join(', ')}. Set one of them.`,
    [node],
  );
