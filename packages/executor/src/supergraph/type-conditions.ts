import { isAbstractType, isInterfaceType, isObjectType, type GraphQLSchema } from 'graphql';

/** Which type conditions values of a type meet, those that no client sees included. */
export interface TypeConditions {
  /** Whether a value that says it is of a type meets a condition. */
  meets(typename: unknown, condition: string): boolean;
  isObject(typename: unknown): boolean;
}

/** @param schema the supergraph's own */
export function typeConditions(schema: GraphQLSchema): TypeConditions {
  const known = new Map<string, ReadonlySet<string>>();
  const meeting = (condition: string): ReadonlySet<string> => {
    const type = schema.getType(condition);
    const names = new Set([condition]);
    if (isAbstractType(type)) for (const object of schema.getPossibleTypes(type)) names.add(object.name);
    // An entity of an interface may say that it is of the interface: @interfaceObject.
    if (isInterfaceType(type)) {
      for (const { name } of schema.getImplementations(type).interfaces) names.add(name);
    }
    known.set(condition, names);
    return names;
  };
  return {
    meets: (typename, condition) =>
      typename === condition || (known.get(condition) ?? meeting(condition)).has(typename as string),
    isObject: (typename) => typeof typename === 'string' && isObjectType(schema.getType(typename)),
  };
}
