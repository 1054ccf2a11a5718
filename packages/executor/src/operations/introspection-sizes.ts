import {
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  type GraphQLSchema,
} from 'graphql';

/** Sizes of the fields of the introspection system, by coordinate such as `__Type.fields`. */
export type IntrospectionSizes = ReadonlyMap<string, number>;

/** About every second reference to a type wraps another one: `Int!` wraps `Int`. Only the deepest, such as `[Int!]!`, go on. */
const OF_TYPE_SIZE = 0.5;

const sizesBySchema = new WeakMap<GraphQLSchema, IntrospectionSizes>();

/**
 * Returns how many elements the lists of the introspection system have in a schema. The lists of the schema are exact. Those of a
 * type or field have the average of the types or fields that have any elements.
 */
export function getIntrospectionSizes(schema: GraphQLSchema): IntrospectionSizes {
  let sizes = sizesBySchema.get(schema);
  if (!sizes) sizesBySchema.set(schema, (sizes = measureIntrospection(schema)));
  return sizes;
}

function measureIntrospection(schema: GraphQLSchema): IntrospectionSizes {
  const types = Object.values(schema.getTypeMap());
  const directives = schema.getDirectives();
  const fieldLists = types.map((type) =>
    isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [],
  );
  const argumentCount = getAverage(fieldLists.flat().map(({ args }) => args.length));
  const countLists = <Type>(isOfKind: (type: unknown) => type is Type, count: (type: Type) => number) =>
    getAverage(types.map((type) => (isOfKind(type) ? count(type) : 0)));
  return new Map([
    ['__Schema.types', types.length],
    ['__Schema.directives', directives.length],
    ['__Directive.args', getAverage(directives.map(({ args }) => args.length))],
    ['__Directive.locations', getAverage(directives.map(({ locations }) => locations.length))],
    ['__Field.args', argumentCount],
    ['__Type.fields', getAverage(fieldLists.map(({ length }) => length))],
    ['__Type.interfaces', countLists(isObjectType, (type) => type.getInterfaces().length)],
    ['__Type.possibleTypes', countLists(isAbstractType, (type) => schema.getPossibleTypes(type).length)],
    ['__Type.enumValues', countLists(isEnumType, (type) => type.getValues().length)],
    ['__Type.inputFields', countLists(isInputObjectType, (type) => Object.keys(type.getFields()).length)],
    ['__Type.ofType', OF_TYPE_SIZE],
  ]);
}

/** The average of the counts that are not 0; 0 without any. */
function getAverage(counts: readonly number[]): number {
  const positive = counts.filter((count) => count > 0);
  return positive.length === 0 ? 0 : positive.reduce((sum, count) => sum + count) / positive.length;
}
