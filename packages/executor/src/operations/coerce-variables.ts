import {
  getVariableValues,
  isInputObjectType,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { VariableValues } from '../planning/query-planner.js';
import { addDefaultErrorCode } from '../shared/errors.js';
import { copyWithoutPrototypes, isInheritedName } from '../shared/inherited-names.js';
import { adaptBigIntegers } from './adapt-big-integers.js';

/** graphql-js stops after this many errors in variable values. */
const MAX_VARIABLE_ERRORS = 50;

/**
 * Checks the variable values of a request and applies the defaults, as the specification says
 * (https://spec.graphql.org/September2025/#sec-Coercing-Variable-Values).
 * @param operation valid for the schema
 * @param values as the client sent them
 * @returns errors with the code BAD_USER_INPUT, or the coerced values. They have no prototype if a variable has the name of an
 *   inherited property, so that a missing value is `undefined`.
 * @throws only unexpected errors
 */
export type CoerceVariables = (
  operation: OperationDefinitionNode,
  values: VariableValues,
) => { readonly errors: readonly GraphQLError[] } | { readonly coerced: VariableValues };

/** @param hideSuggestions whether messages leave out suggestions, which reveal names of the schema */
export function createVariableCoercion(schema: GraphQLSchema, hideSuggestions: boolean): CoerceVariables {
  const hasInheritedInputFields = Object.values(schema.getTypeMap()).some(
    (type) => isInputObjectType(type) && Object.keys(type.getFields()).some(isInheritedName),
  );
  return (operation, values) => {
    const { variableDefinitions = [] } = operation;
    // graphql-js reads the fields of input objects without asking whether they are inherited.
    const inputs = hasInheritedInputFields ? copyWithoutPrototypes(values) : values;
    const coerce = (sent: VariableValues) =>
      getVariableValues(schema, variableDefinitions, sent, {
        maxErrors: MAX_VARIABLE_ERRORS,
        hideSuggestions,
      });
    let result = coerce(inputs as VariableValues);
    const adapted = result.errors && adaptBigIntegers(schema, variableDefinitions, inputs as VariableValues);
    if (adapted) result = coerce(adapted);
    const { errors, coerced } = result;
    if (errors) return { errors: errors.map((error) => addDefaultErrorCode(error, 'BAD_USER_INPUT')) };
    const hasInheritedName = variableDefinitions.some(({ variable }) => isInheritedName(variable.name.value));
    return { coerced: hasInheritedName ? (Object.setPrototypeOf(coerced, null) as VariableValues) : coerced };
  };
}
