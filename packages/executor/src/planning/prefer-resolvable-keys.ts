import { Kind, type TypeDefinitionNode } from 'graphql';
import {
  getDirectiveArguments,
  replaceTypeDefinitions,
  type SupergraphDocument,
} from '../supergraph/supergraph-document.js';

/**
 * Moves the keys that a subgraph cannot resolve (`@key(resolvable: false)`) behind the others. To fetch a field with `@requires`,
 * Apollo's planner takes the first key of the type, also if the subgraph cannot resolve it.
 */
export function preferResolvableKeys(supergraph: SupergraphDocument): SupergraphDocument {
  const types = new Map(supergraph.types);
  for (const [name, type] of supergraph.types) {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION && type.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const isUnresolvable = getDirectiveArguments(type, 'join__type').map(
      (args) => args['resolvable'] === false,
    );
    if (isUnresolvable.includes(true) && isUnresolvable.includes(false)) types.set(name, sortKeys(type));
  }
  return replaceTypeDefinitions(supergraph, types);
}

function sortKeys<Type extends TypeDefinitionNode>(type: Type): Type {
  const { directives = [] } = type;
  const unresolvable = directives.filter(
    ({ name, arguments: args = [] }) =>
      name.value === 'join__type' &&
      args.some(
        ({ name: argument, value }) =>
          argument.value === 'resolvable' && value.kind === Kind.BOOLEAN && !value.value,
      ),
  );
  return {
    ...type,
    directives: [...directives.filter((directive) => !unresolvable.includes(directive)), ...unresolvable],
  };
}
