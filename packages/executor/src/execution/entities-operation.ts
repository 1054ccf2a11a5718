import {
  Kind,
  print,
  type FieldNode,
  type OperationDefinitionNode,
  type VariableDefinitionNode,
} from 'graphql';
import { ENTITIES_FIELD } from '../shared/graphql-ast.js';

/** The field `_entities` of an entity fetch. @returns `undefined` if the operation has something else, or directives */
export function getEntitiesField({
  selectionSet: { selections },
  directives = [],
}: OperationDefinitionNode): FieldNode | undefined {
  const [field, ...others] = selections;
  if (field?.kind !== Kind.FIELD || others.length > 0 || directives.length > 0) return undefined;
  return field.name.value === ENTITIES_FIELD ? field : undefined;
}

/** The variables of several operations by name. @returns `undefined` if one is defined in two ways */
export function mergeVariableDefinitions(
  operations: readonly OperationDefinitionNode[],
): Map<string, VariableDefinitionNode> | undefined {
  const definitions = new Map<string, VariableDefinitionNode>();
  for (const definition of operations.flatMap(({ variableDefinitions = [] }) => variableDefinitions)) {
    const name = definition.variable.name.value;
    const present = definitions.get(name);
    if (present && print(present) !== print(definition)) return undefined;
    definitions.set(name, definition);
  }
  return definitions;
}
