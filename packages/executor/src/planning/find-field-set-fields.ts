import {
  Kind,
  type InterfaceTypeDefinitionNode,
  type ObjectTypeDefinitionNode,
  type SelectionNode,
  type TypeDefinitionNode,
} from 'graphql';
import { parseFieldSet } from '../shared/graphql-ast.js';
import {
  getDirectiveArguments,
  getNamedTypeName,
  getStringArgument,
} from '../supergraph/supergraph-document.js';

/** The directives of subgraphs that have a field set, as arguments of join directives. */
export type FieldSetArgument = 'requires' | 'provides' | 'key';

/**
 * Finds the fields that field sets select: as `Type.field`, and as `GRAPH.Type.field` for each subgraph. A field of an interface is
 * a field of its object types too.
 * @param realNames the real names of fields that were added, by their names
 */
export function findFieldSetFields(
  types: ReadonlyMap<string, TypeDefinitionNode>,
  fieldSetArguments: readonly FieldSetArgument[],
  realNames: ReadonlyMap<string, string> = new Map(),
): ReadonlySet<string> {
  const used = new Set<string>();
  const implementations = (name: string): string[] =>
    [...types.values()].flatMap((type) =>
      hasFields(type) && type.interfaces?.some((each) => each.name.value === name) ? [type.name.value] : [],
    );
  const collect = (selections: readonly SelectionNode[], typeName: string, graph: string): void => {
    const type = types.get(typeName);
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        collect(selection.selectionSet.selections, selection.typeCondition?.name.value ?? typeName, graph);
      }
      if (selection.kind !== Kind.FIELD) continue;
      const name = selection.name.value;
      for (const each of [typeName, ...implementations(typeName)]) {
        used.add(`${each}.${name}`).add(`${graph}.${each}.${name}`);
      }
      const realName = realNames.get(name) ?? name;
      const field =
        type && hasFields(type) ? type.fields?.find((each) => each.name.value === realName) : undefined;
      if (field) collect(selection.selectionSet?.selections ?? [], getNamedTypeName(field.type), graph);
    }
  };
  const collectArgument = (join: Readonly<Record<string, unknown>>, name: string, typeName: string): void => {
    const fieldSet = getStringArgument(join, name);
    if (fieldSet !== undefined)
      collect(parseFieldSet(fieldSet), typeName, getStringArgument(join, 'graph') ?? '');
  };
  for (const type of types.values()) {
    if (!hasFields(type)) continue;
    const typeName = type.name.value;
    if (fieldSetArguments.includes('key')) {
      for (const join of getDirectiveArguments(type, 'join__type')) collectArgument(join, 'key', typeName);
    }
    for (const field of type.fields ?? []) {
      for (const join of getDirectiveArguments(field, 'join__field')) {
        if (fieldSetArguments.includes('requires')) collectArgument(join, 'requires', typeName);
        if (!fieldSetArguments.includes('provides')) continue;
        collectArgument(join, 'provides', getNamedTypeName(field.type));
      }
    }
  }
  return used;
}

const hasFields = (
  type: TypeDefinitionNode,
): type is ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode =>
  type.kind === Kind.OBJECT_TYPE_DEFINITION || type.kind === Kind.INTERFACE_TYPE_DEFINITION;
