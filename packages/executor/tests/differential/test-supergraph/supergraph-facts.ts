import {
  getArgumentValues,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isObjectType,
  Kind,
  type DefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  type GraphQLSchema,
  type InterfaceTypeDefinitionNode,
  type ObjectTypeDefinitionNode,
  type SelectionSetNode,
  type TypeNode,
} from 'graphql';
import { getEnumValues, getFieldSets, getSubgraphPossibleTypes } from './schema-definitions.js';
import { getNamedTypeNode, mergeNullability } from './type-nodes.js';

/** The definition of a field, merged from all subgraphs. */
export interface FieldFacts {
  /** Allows null if every subgraph that declares the field does. */
  readonly type: TypeNode;
  /** The object types, or enum values, that all of these subgraphs know. */
  readonly possible: readonly string[];
  readonly requires: SelectionSetNode | undefined;
}

/** Answers questions about the schema that the subgraphs form together. */
export interface SupergraphFacts {
  readonly schema: GraphQLSchema;
  /** @returns the field of the type, or of its interface if a subgraph adds the field there (`@interfaceObject`) */
  getField(type: string, name: string): FieldFacts;
  /** @returns coerced arguments, as a resolver receives them */
  getArguments(type: string, selection: FieldNode): Record<string, unknown>;
  /** @returns the keys of an entity in a subgraph */
  getKeys(subgraph: string, type: string): readonly SelectionSetNode[];
  /** @returns the possible object types of an object, interface or union type */
  getObjectTypes(type: string): readonly string[];
  isEntity(type: string): boolean;
  /** Whether a field is part of a key. Keys are never null, never fail, and are unique. */
  isKey(type: string, field: string): boolean;
  /**
   * Whether a field is required by another one, or is non-null beside such a field. It never fails if it is non-null: the
   * error would null required fields, and only a single schema could still compute what requires them.
   */
  isRequired(type: string, field: string): boolean;
  readonly keyAndRequiredFieldNames: readonly string[];
}

type Definition = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

interface Declared {
  readonly subgraph: string;
  readonly field: FieldDefinitionNode;
}

/** @param schema the supergraph's schema, including inaccessible elements */
export function collectSupergraphFacts(
  documents: ReadonlyMap<string, DocumentNode>,
  schema: GraphQLSchema,
): SupergraphFacts {
  const declared = new Map<string, Declared[]>();
  const keys = new Map<string, SelectionSetNode[]>();
  const keyFields = new Set<string>();
  const requiredFields = new Set<string>();
  const requiredInside = new Set<string>();

  const objects = (type: string): readonly string[] => {
    const found = schema.getType(type);
    if (isAbstractType(found)) return schema.getPossibleTypes(found).map(({ name }) => name);
    return isObjectType(found) ? [type] : [];
  };
  const lookUp = (type: string, name: string): Declared[] => {
    const own = declared.get(`${type}.${name}`);
    if (own) return own;
    const found = schema.getType(type);
    const interfaces = isObjectType(found) ? found.getInterfaces() : [];
    return interfaces.flatMap((each) => declared.get(`${each.name}.${name}`) ?? []);
  };
  const mark = (marks: Set<string>, type: string, { selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        mark(marks, selection.typeCondition?.name.value ?? type, selection.selectionSet);
      } else if (selection.kind === Kind.FIELD && selection.name.value !== '__typename') {
        for (const each of [type, ...objects(type)]) marks.add(`${each}.${selection.name.value}`);
        const [first] = lookUp(type, selection.name.value);
        if (first && selection.selectionSet) {
          mark(marks, getNamedTypeNode(first.field.type).name.value, selection.selectionSet);
        }
      }
    }
  };

  /** @returns the types of all objects in a selection */
  const typesInside = (type: string, { selections }: SelectionSetNode): string[] =>
    selections.flatMap((selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD || !selection.selectionSet) return [];
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        return typesInside(selection.typeCondition?.name.value ?? type, selection.selectionSet);
      }
      const [first] = lookUp(type, selection.name.value);
      if (!first) return [];
      const inner = getNamedTypeNode(first.field.type).name.value;
      return [inner, ...typesInside(inner, selection.selectionSet)];
    });

  const definitions = [...documents].flatMap(([subgraph, document]) =>
    document.definitions.filter(isDefinition).map((definition) => ({ subgraph, definition })),
  );
  for (const { subgraph, definition } of definitions) {
    for (const field of definition.fields ?? []) {
      push(declared, `${definition.name.value}.${field.name.value}`, { subgraph, field });
    }
  }
  for (const { subgraph, definition } of definitions) {
    const type = definition.name.value;
    for (const fields of getFieldSets(definition.directives, 'key')) mark(keyFields, type, fields);
    const resolvable = definition.directives?.filter((directive) => !isUnresolvable(directive));
    for (const fields of getFieldSets(resolvable, 'key')) push(keys, `${subgraph}.${type}`, fields);
    for (const field of definition.fields ?? []) {
      for (const fields of getFieldSets(field.directives, 'requires')) {
        mark(requiredFields, type, fields);
        for (const inner of typesInside(type, fields)) requiredInside.add(inner);
      }
    }
  }

  const known = ({ subgraph, field }: Declared): readonly string[] => {
    const { value } = getNamedTypeNode(field.type).name;
    const found = schema.getType(value);
    const document = documents.get(subgraph);
    if (isEnumType(found)) return getEnumValues(document, value);
    if (!isAbstractType(found)) return objects(value);
    return getSubgraphPossibleTypes(document, value, objects(value), isInterfaceType(found));
  };
  const facts = (type: string, name: string): FieldFacts => {
    const all = lookUp(type, name);
    const [first, ...others] = all;
    if (!first) throw new Error(`No subgraph has ${type}.${name}.`);
    return {
      type: others.reduce(
        (merged: TypeNode, { field }) => mergeNullability(merged, field.type),
        first.field.type,
      ),
      possible: others.reduce(
        (common, each) => common.filter((one) => known(each).includes(one)),
        known(first),
      ),
      requires: all.flatMap(({ field }) => getFieldSets(field.directives, 'requires'))[0],
    };
  };
  /** Marks the non-null fields of a type, and recursively those of their types: their errors would null the object. */
  const markNonNull = (type: string): void => {
    for (const each of objects(type)) {
      const found = schema.getType(each);
      for (const name of Object.keys(isObjectType(found) ? found.getFields() : {})) {
        const { type: declaredType } = facts(each, name);
        if (declaredType.kind !== Kind.NON_NULL_TYPE || requiredFields.has(`${each}.${name}`)) continue;
        requiredFields.add(`${each}.${name}`);
        markNonNull(getNamedTypeNode(declaredType).name.value);
      }
    }
  };
  for (const type of requiredInside) markNonNull(type);
  const cache = new Map<string, FieldFacts>();
  const ancestors = (type: string): string[] => {
    const found = schema.getType(type);
    return [type, ...(isObjectType(found) ? found.getInterfaces().map(({ name }) => name) : [])];
  };
  const entities = new Set([...keys.keys()].map((key) => key.slice(key.indexOf('.') + 1)));

  return {
    schema,
    getField(type, name) {
      const key = `${type}.${name}`;
      const found = cache.get(key) ?? facts(type, name);
      cache.set(key, found);
      return found;
    },
    getArguments(type, selection) {
      const found = schema.getType(type);
      const field = isObjectType(found) ? found.getFields()[selection.name.value] : undefined;
      return field ? getArgumentValues(field, selection) : {};
    },
    getKeys: (subgraph, type) => keys.get(`${subgraph}.${type}`) ?? [],
    getObjectTypes: objects,
    isEntity: (type) => ancestors(type).some((each) => entities.has(each)),
    isKey: (type, field) => ancestors(type).some((each) => keyFields.has(`${each}.${field}`)),
    isRequired: (type, field) => ancestors(type).some((each) => requiredFields.has(`${each}.${field}`)),
    keyAndRequiredFieldNames: [
      ...new Set([...keyFields, ...requiredFields].map((each) => each.slice(each.indexOf('.') + 1))),
    ],
  };
}

/** Whether a `@key` is only a reference: the subgraph cannot resolve the entity. */
const isUnresolvable = ({ arguments: args = [] }: DirectiveNode): boolean =>
  args.some(({ name, value }) => name.value === 'resolvable' && value.kind === Kind.BOOLEAN && !value.value);

const isDefinition = (node: DefinitionNode): node is Definition =>
  node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION;

function push<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
