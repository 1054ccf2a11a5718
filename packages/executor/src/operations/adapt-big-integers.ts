import {
  getNullableType,
  isInputObjectType,
  isListType,
  Kind,
  specifiedScalarTypes,
  typeFromAST,
  type GraphQLInputType,
  type GraphQLSchema,
  type TypeNode,
  type VariableDefinitionNode,
} from 'graphql';
import { isJsonObject, type JsonObject } from '../shared/json.js';

/**
 * Converts the `bigint` values of variables whose types are scalars of GraphQL: these accept a `number`, or a text as ID. Custom
 * scalars keep their exact values.
 * @param definitions the variables of a valid operation
 * @returns undefined if no value is converted
 */
export function adaptBigIntegers(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  variables: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> | undefined {
  const adapted = definitions.flatMap(({ variable, type }): [string, unknown][] => {
    const name = variable.name.value;
    if (!Object.hasOwn(variables, name)) return [];
    const inputType = toInputType(schema, type);
    const value = variables[name];
    const converted = inputType ? convert(inputType, value) : value;
    return converted === value ? [] : [[name, converted]];
  });
  if (adapted.length === 0) return undefined;
  return Object.fromEntries([...Object.entries(variables), ...adapted]);
}

const toInputType = (schema: GraphQLSchema, node: TypeNode): GraphQLInputType | undefined =>
  (node.kind === Kind.NAMED_TYPE ? typeFromAST(schema, node) : typeFromAST(schema, node as never)) as
    GraphQLInputType | undefined;

/** @returns the same value if nothing in it is converted */
function convert(inputType: GraphQLInputType, value: unknown): unknown {
  const type = getNullableType(inputType);
  if (typeof value === 'bigint') {
    if (isListType(type)) return convert(type.ofType, value);
    if (type.name === 'ID') return String(value);
    return specifiedScalarTypes.some(({ name }) => name === type.name) ? Number(value) : value;
  }
  if (Array.isArray(value)) {
    if (!isListType(type)) return value;
    const elements = value.map((element: unknown) => convert(type.ofType, element));
    return elements.some((element, index) => element !== value[index]) ? elements : value;
  }
  if (!isJsonObject(value)) return value;
  if (isListType(type)) return convert(type.ofType, value);
  return isInputObjectType(type) ? convertFields(type.getFields(), value) : value;
}

function convertFields(
  fields: Readonly<Record<string, { readonly type: GraphQLInputType }>>,
  value: JsonObject,
): JsonObject {
  const entries = Object.entries(value).map(([name, field]): [string, unknown] => {
    const definition = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return [name, definition ? convert(definition.type, field) : field];
  });
  return entries.some(([name, field]) => field !== value[name]) ? Object.fromEntries(entries) : value;
}
