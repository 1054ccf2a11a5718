import {
  Kind,
  OperationTypeNode,
  type FieldDefinitionNode,
  type ObjectTypeDefinitionNode,
  type SelectionNode,
  type TypeDefinitionNode,
} from 'graphql';
import { parseFieldSet } from '../shared/graphql-ast.js';
import { createSubgraphView, type SubgraphView } from '../supergraph/subgraph-view.js';
import {
  createEnumValueNode,
  getDirectiveArguments,
  getGraphEnum,
  getNamedTypeName,
  getRootType,
  getStringArgument,
  replaceTypeDefinitions,
  type Subgraph,
  type SupergraphDocument,
} from '../supergraph/supergraph-document.js';
import { findFieldSetFields } from './find-field-set-fields.js';
import {
  addGraph,
  chooseGraphName,
  createFieldJoin,
  findInputTypes,
  joinType,
  type VirtualGraph,
  type VirtualType,
} from './virtual-graph.js';

/*
 * `tax @requires(fields: "price")` in one subgraph, and `price @requires(fields: "name")` in another: if the entity comes from the
 * subgraph of `price`, Apollo's planner asks for the price at once, without the name. Before planning, such a field moves to a
 * virtual graph of its subgraph, so that the planner comes back for it after it has the name.
 */

export interface ChainedFields {
  readonly supergraph: SupergraphDocument;
  /** The real names of the virtual subgraphs, by their names in plans. */
  readonly serviceNames: ReadonlyMap<string, string>;
}

/** A field that requires others and is required by others. */
interface ChainedField {
  readonly typeName: string;
  readonly fieldName: string;
  /** The subgraph that resolves the field. */
  readonly owner: Subgraph;
  /** The field set of its `@requires`. */
  readonly requires: string;
  /** The keys by which its subgraph can be asked for it. */
  readonly keys: readonly string[];
}

/** Moves each field that requires others and is required by others to a virtual graph. */
export function separateChainedFields(supergraph: SupergraphDocument): ChainedFields {
  const serviceNames = new Map<string, string>();
  let separated = supergraph;
  for (const field of findChainedFields(supergraph)) {
    const { owner, fieldName } = field;
    const graph = chooseGraphName(separated, `${owner.graph}__${fieldName}`);
    let name = `${owner.name}__${fieldName}`;
    while (separated.subgraphs.some((subgraph) => subgraph.name === name)) name += '_';
    const moved = moveToGraph(separated, field, { ...owner, graph, name });
    if (!moved) continue;
    separated = moved;
    serviceNames.set(name, owner.name);
  }
  return { supergraph: separated, serviceNames };
}

function findChainedFields({ types, subgraphs }: SupergraphDocument): readonly ChainedField[] {
  const required = findFieldSetFields(types, ['requires']);
  return [...types.values()].flatMap((type) => {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION) return [];
    const typeName = type.name.value;
    return (type.fields ?? []).flatMap((field): ChainedField[] => {
      const fieldName = field.name.value;
      if (!required.has(`${typeName}.${fieldName}`)) return [];
      return getDirectiveArguments(field, 'join__field').flatMap((join): ChainedField[] => {
        const owner = subgraphs.find(({ graph }) => graph === join['graph']);
        const requires = getStringArgument(join, 'requires');
        const keys = owner ? getResolvableKeys(type, owner.graph) : [];
        if (!owner || requires === undefined || keys.length === 0) return [];
        return [{ typeName, fieldName, owner, requires, keys }];
      });
    });
  });
}

const getResolvableKeys = (type: TypeDefinitionNode, graph: string): readonly string[] =>
  getDirectiveArguments(type, 'join__type').flatMap((join) =>
    join['graph'] === graph && join['resolvable'] !== false ? (getStringArgument(join, 'key') ?? []) : [],
  );

/** @returns `undefined` if the field or what it requires has interfaces or unions: their object types would have to move too */
function moveToGraph(
  supergraph: SupergraphDocument,
  { typeName, fieldName, owner, requires, keys }: ChainedField,
  virtual: Subgraph,
): SupergraphDocument | undefined {
  const view = createSubgraphView(supergraph, owner.graph);
  const isOfInterface = (objectType: string, name: string): boolean =>
    view.getInterfaces(objectType).some((each) => view.getFields(each).has(name));
  const parts = createPartCollector(supergraph, owner.graph, view);
  const canMove =
    parts.addKeys(typeName, keys) &&
    parts.addFieldSet(typeName, parseFieldSet(requires), true) &&
    parts.addReturnedType(typeName, fieldName);
  if (!canMove) return undefined;
  const graphs: VirtualGraph = { virtual: virtual.graph, owner: owner.graph };
  const types = new Map(supergraph.types);
  const graphEnum = getGraphEnum(types);
  types.set(graphEnum.name.value, addGraph(graphEnum, virtual));
  const queryType = getRootType(supergraph, OperationTypeNode.QUERY);
  for (const name of [...parts.otherTypes, ...(queryType ? [queryType.name.value] : [])]) {
    const type = types.get(name);
    if (type) types.set(name, joinType(type, graphs));
  }
  for (const [name, virtualType] of parts.objectTypes) {
    const type = types.get(name);
    if (type) types.set(name, joinType(type, graphs, virtualType));
  }
  const type = types.get(typeName);
  if (type?.kind !== Kind.OBJECT_TYPE_DEFINITION) return undefined;
  const isRequiredByOwner = findFieldSetFields(types, ['requires']).has(
    `${owner.graph}.${typeName}.${fieldName}`,
  );
  const isDeclared = isOfInterface(typeName, fieldName) || isRequiredByOwner;
  types.set(typeName, moveField(type, fieldName, graphs, isDeclared));
  removeUnusedExternals(types, owner.graph, parts.objectTypes, isOfInterface);
  return replaceTypeDefinitions(supergraph, types);
}

interface MutableVirtualType extends VirtualType {
  readonly fields: Set<string>;
  readonly externalFields: Set<string>;
  readonly keys: string[];
}

/** Collects what a virtual graph needs of its subgraph. Its methods return false if that has interfaces or unions. */
function createPartCollector(supergraph: SupergraphDocument, graph: string, view: SubgraphView) {
  const { types } = supergraph;
  const objectTypes = new Map<string, MutableVirtualType>();
  /** Enums, scalars and input types. */
  const otherTypes = new Set<string>();

  const findField = (typeName: string, fieldName: string): FieldDefinitionNode | undefined => {
    const type = types.get(typeName);
    return type?.kind === Kind.OBJECT_TYPE_DEFINITION
      ? type.fields?.find(({ name }) => name.value === fieldName)
      : undefined;
  };
  const getObjectType = (typeName: string): MutableVirtualType => {
    const existing = objectTypes.get(typeName);
    if (existing) return existing;
    const created: MutableVirtualType = {
      fields: new Set(),
      externalFields: new Set(),
      keys: [],
      isResolvable: true,
      interfaces: [],
      isInterfaceObject: false,
    };
    objectTypes.set(typeName, created);
    return created;
  };
  const addField = (typeName: string, field: FieldDefinitionNode, isExternal: boolean): void => {
    const { fields, externalFields } = getObjectType(typeName);
    const name = field.name.value;
    if (isExternal && !fields.has(name)) externalFields.add(name);
    if (!isExternal) externalFields.delete(name);
    fields.add(name);
    for (const inputType of findInputTypes(supergraph, field.arguments ?? [])) otherTypes.add(inputType);
  };
  const addKeys = (typeName: string, keys: readonly string[]): boolean => {
    getObjectType(typeName).keys.push(...keys);
    return keys.every((key) => addFieldSet(typeName, parseFieldSet(key), false));
  };
  const addFieldSet = (
    typeName: string,
    selections: readonly SelectionNode[],
    isExternal: boolean,
  ): boolean =>
    selections.every((selection) => {
      if (selection.kind !== Kind.FIELD) return false;
      const field = findField(typeName, selection.name.value);
      if (!field) return false;
      addField(typeName, field, isExternal);
      const fieldType = getNamedTypeName(field.type);
      if (selection.selectionSet) {
        return addFieldSet(fieldType, selection.selectionSet.selections, isExternal);
      }
      otherTypes.add(fieldType);
      return true;
    });
  /** Adds a type with all its fields; an entity only with its keys, because it can be fetched from the real subgraph. */
  const addWholeType = (typeName: string): boolean => {
    const type = types.get(typeName);
    // Scalars that GraphQL defines have no definition.
    if (!type || type.kind === Kind.ENUM_TYPE_DEFINITION || type.kind === Kind.SCALAR_TYPE_DEFINITION) {
      otherTypes.add(typeName);
      return true;
    }
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION) return false;
    if (objectTypes.has(typeName)) return true;
    const keys = getResolvableKeys(type, graph);
    if (keys.length > 0) return addKeys(typeName, keys);
    return [...view.getFields(typeName)].every(([name, { requires }]) => {
      const field = findField(typeName, name);
      if (!field || requires !== undefined) return true;
      addField(typeName, field, false);
      return addWholeType(getNamedTypeName(field.type));
    });
  };
  return {
    objectTypes: objectTypes as ReadonlyMap<string, VirtualType>,
    otherTypes: otherTypes as ReadonlySet<string>,
    addKeys,
    addFieldSet,
    addReturnedType(typeName: string, fieldName: string): boolean {
      const field = findField(typeName, fieldName);
      if (!field) return false;
      for (const inputType of findInputTypes(supergraph, field.arguments ?? [])) otherTypes.add(inputType);
      return addWholeType(getNamedTypeName(field.type));
    },
  };
}

/**
 * Moves a field of a type from the graph of its subgraph to the virtual graph.
 * @param isDeclared whether the subgraph's graph declares it as external: for an interface of its type, or for another of its fields
 *   that requires it
 */
const moveField = (
  type: ObjectTypeDefinitionNode,
  fieldName: string,
  { virtual, owner }: VirtualGraph,
  isDeclared: boolean,
): ObjectTypeDefinitionNode => ({
  ...type,
  fields: (type.fields ?? []).map((field) => {
    if (field.name.value !== fieldName) return field;
    const directives = (field.directives ?? []).flatMap((directive) => {
      const [join] = getDirectiveArguments({ directives: [directive] }, 'join__field');
      if (join?.['graph'] !== owner) return [directive];
      const args = directive.arguments?.map((argument) =>
        argument.name.value === 'graph' ? { ...argument, value: createEnumValueNode(virtual) } : argument,
      );
      const moved = { ...directive, ...(args && { arguments: args }) };
      return isDeclared ? [moved, createFieldJoin(field, { virtual: owner, owner }, true)] : [moved];
    });
    return { ...field, directives };
  }),
});

/** A subgraph may declare a field as external only if it uses it. Removes the declarations that only the moved field used. */
function removeUnusedExternals(
  types: Map<string, TypeDefinitionNode>,
  graph: string,
  objectTypes: ReadonlyMap<string, VirtualType>,
  isOfInterface: (typeName: string, fieldName: string) => boolean,
): void {
  const used = findFieldSetFields(types, ['requires', 'provides', 'key']);
  for (const [typeName, { externalFields }] of objectTypes) {
    const type = types.get(typeName);
    if (type?.kind !== Kind.OBJECT_TYPE_DEFINITION || !externalFields) continue;
    const fields = (type.fields ?? []).map((field) => {
      const name = field.name.value;
      if (!externalFields.has(name) || used.has(`${graph}.${typeName}.${name}`)) return field;
      if (isOfInterface(typeName, name)) return field;
      const directives = field.directives?.filter((directive) => {
        const [join] = getDirectiveArguments({ directives: [directive] }, 'join__field');
        return join?.['graph'] !== graph || join['external'] !== true;
      });
      return { ...field, ...(directives && { directives }) };
    });
    types.set(typeName, { ...type, fields });
  }
}
