import { isInterfaceType, isObjectType, type GraphQLOutputType, type GraphQLSchema } from 'graphql';

/** The type of a field of an object type or interface; `undefined` if there is none, such as for `__typename`. */
export function getFieldType(
  schema: GraphQLSchema,
  typeName: string,
  fieldName: string,
): GraphQLOutputType | undefined {
  const type = schema.getType(typeName);
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[fieldName]?.type : undefined;
}
