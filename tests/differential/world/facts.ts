import {
  getArgumentValues,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isObjectType,
  Kind,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  type GraphQLSchema,
  type InterfaceTypeDefinitionNode,
  type ObjectTypeDefinitionNode,
  type SelectionSetNode,
  type TypeNode,
} from 'graphql';
import { enumValues, fieldsOf, possibleIn } from './definitions.js';
import { namedType, strictest } from './type-nodes.js';

/** What all subgraphs together say of a field. */
export interface FieldFacts {
  /** Allows null where every subgraph that declares the field does. */
  readonly type: TypeNode;
  /** The object types, or enum values, that each of these subgraphs knows. */
  readonly possible: readonly string[];
  readonly requires: SelectionSetNode | undefined;
}

export interface Facts {
  readonly schema: GraphQLSchema;
  /** Of the type itself, or of an interface of it where a subgraph adds the field to that. */
  field(type: string, name: string): FieldFacts;
  /** As a resolver would have them. */
  argumentsOf(type: string, selection: FieldNode): Record<string, unknown>;
  /** What identifies an entity in a subgraph. */
  keys(subgraph: string, type: string): readonly SelectionSetNode[];
  /** The object types that a type stands for. */
  objects(type: string): readonly string[];
  isEntity(type: string): boolean;
  /** Part of a key: never null, never an error, and another for each entity. */
  isKey(type: string, field: string): boolean;
  /**
   * Read by a gateway on its own account, or beside what is read so: never an error where it may not be null. It would take
   * what others require with it, and only one schema could compute those then.
   */
  isRequired(type: string, field: string): boolean;
  /** Names of all keys and required fields. */
  readonly readNames: readonly string[];
}

type Definition = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

interface Declared {
  readonly subgraph: string;
  readonly field: FieldDefinitionNode;
}

/** @param schema the supergraph's, with what clients may not see */
export function readFacts(documents: ReadonlyMap<string, DocumentNode>, schema: GraphQLSchema): Facts {
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
          mark(marks, namedType(first.field.type).name.value, selection.selectionSet);
        }
      }
    }
  };

  /** The types of the objects that a selection on a type leads into. */
  const typesInside = (type: string, { selections }: SelectionSetNode): string[] =>
    selections.flatMap((selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD || !selection.selectionSet) return [];
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        return typesInside(selection.typeCondition?.name.value ?? type, selection.selectionSet);
      }
      const [first] = lookUp(type, selection.name.value);
      if (!first) return [];
      const inner = namedType(first.field.type).name.value;
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
    for (const fields of fieldsOf(definition.directives, 'key')) {
      push(keys, `${subgraph}.${type}`, fields);
      mark(keyFields, type, fields);
    }
    for (const field of definition.fields ?? []) {
      for (const fields of fieldsOf(field.directives, 'requires')) {
        mark(requiredFields, type, fields);
        for (const inner of typesInside(type, fields)) requiredInside.add(inner);
      }
    }
  }

  const known = ({ subgraph, field }: Declared): readonly string[] => {
    const { value } = namedType(field.type).name;
    const found = schema.getType(value);
    const document = documents.get(subgraph);
    if (isEnumType(found)) return enumValues(document, value);
    if (!isAbstractType(found)) return objects(value);
    return possibleIn(document, value, objects(value), isInterfaceType(found));
  };
  const facts = (type: string, name: string): FieldFacts => {
    const all = lookUp(type, name);
    const [first, ...others] = all;
    if (!first) throw new Error(`No subgraph has ${type}.${name}.`);
    return {
      type: others.reduce((merged: TypeNode, { field }) => strictest(merged, field.type), first.field.type),
      possible: others.reduce(
        (common, each) => common.filter((one) => known(each).includes(one)),
        known(first),
      ),
      requires: all.flatMap(({ field }) => fieldsOf(field.directives, 'requires'))[0],
    };
  };
  /** Marks the fields of a type whose errors would take its object with them, and what would take those. */
  const markNonNull = (type: string): void => {
    for (const each of objects(type)) {
      const found = schema.getType(each);
      for (const name of Object.keys(isObjectType(found) ? found.getFields() : {})) {
        const { type: declaredType } = facts(each, name);
        if (declaredType.kind !== Kind.NON_NULL_TYPE || requiredFields.has(`${each}.${name}`)) continue;
        requiredFields.add(`${each}.${name}`);
        markNonNull(namedType(declaredType).name.value);
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
    field(type, name) {
      const key = `${type}.${name}`;
      const found = cache.get(key) ?? facts(type, name);
      cache.set(key, found);
      return found;
    },
    argumentsOf(type, selection) {
      const found = schema.getType(type);
      const field = isObjectType(found) ? found.getFields()[selection.name.value] : undefined;
      return field ? getArgumentValues(field, selection) : {};
    },
    keys: (subgraph, type) => keys.get(`${subgraph}.${type}`) ?? [],
    objects,
    isEntity: (type) => ancestors(type).some((each) => entities.has(each)),
    isKey: (type, field) => ancestors(type).some((each) => keyFields.has(`${each}.${field}`)),
    isRequired: (type, field) => ancestors(type).some((each) => requiredFields.has(`${each}.${field}`)),
    readNames: [
      ...new Set([...keyFields, ...requiredFields].map((each) => each.slice(each.indexOf('.') + 1))),
    ],
  };
}

const isDefinition = (node: DefinitionNode): node is Definition =>
  node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION;

function push<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
