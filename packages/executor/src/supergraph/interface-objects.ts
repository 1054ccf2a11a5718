import type { TypeDefinitionNode } from 'graphql';
import { applicationsOf } from './directives.js';

/** @returns the interfaces that some subgraph knows as one object type, by what composition has written of types */
export const findInterfaceObjects = (types: Iterable<TypeDefinitionNode>): ReadonlySet<string> =>
  new Set(
    [...types]
      .filter((type) =>
        applicationsOf(type, 'join__type').some((given) => given['isInterfaceObject'] === true),
      )
      .map(({ name }) => name.value),
  );
