import {
  astFromValue,
  GraphQLNonNull,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  print,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
} from 'graphql';
import type { SeededRandom } from '../seeded-random.js';

/** The variables of a generated operation. */
export interface OperationVariables {
  /** Variable definitions, as text. */
  readonly declarations: string[];
  readonly values: Record<string, unknown>;
}

const WORDS = ['', 'a', 'b', 'c"d', 'é\n'];

/** @returns the arguments of a field as text; '' for none */
export function generateArguments(
  args: readonly GraphQLArgument[],
  random: SeededRandom,
  variables: OperationVariables,
): string {
  const given = generateFields(args, random, variables);
  return given.length > 0 ? `(${given.join(', ')})` : '';
}

/** @returns `@skip` and `@include` directives as text; '' for none */
export function generateConditions(random: SeededRandom, variables: OperationVariables): string {
  if (!random.chance(0.15)) return '';
  const names = random.chance(0.1) ? ['skip', 'include'] : [random.pick(['skip', 'include'])];
  const value = () => (random.chance(0.2) ? String(random.chance(0.5)) : booleanVariable(random, variables));
  return names.map((name) => ` @${name}(if: ${value()})`).join('');
}

/** Uses three variables only, so that equal and opposite conditions occur in one operation. */
function booleanVariable(random: SeededRandom, { declarations, values }: OperationVariables): string {
  const name = `if${random.int(3)}`;
  if (!declarations.some((each) => each.startsWith(`$${name}:`))) {
    const hasDefault = random.chance(0.2);
    declarations.push(`$${name}: Boolean!${hasDefault ? ` = ${random.chance(0.5)}` : ''}`);
    if (!hasDefault || random.chance(0.5)) values[name] = random.chance(0.6);
  }
  return `$${name}`;
}

const generateFields = (
  fields: readonly (GraphQLArgument | GraphQLInputField)[],
  random: SeededRandom,
  variables: OperationVariables,
): string[] =>
  fields
    .filter(
      ({ type, defaultValue }) => (isNonNullType(type) && defaultValue === undefined) || random.chance(0.6),
    )
    .map(({ name, type }) => `${name}: ${generateLiteral(type, random, variables)}`);

/** @returns a value as a literal; sometimes it is a variable or contains one */
function generateLiteral(
  type: GraphQLInputType,
  random: SeededRandom,
  variables: OperationVariables,
): string {
  if (random.chance(0.3)) return newVariable(type, random, variables);
  if (!isNonNullType(type) && random.chance(0.1)) return 'null';
  const inner = isNonNullType(type) ? type.ofType : type;
  if (isListType(inner)) {
    const length = random.int(3);
    const items = Array.from({ length }, () => generateLiteral(inner.ofType, random, variables));
    return `[${items.join(', ')}]`;
  }
  if (isInputObjectType(inner)) {
    return `{${generateFields(Object.values(inner.getFields()), random, variables).join(', ')}}`;
  }
  return literal(generateValue(new GraphQLNonNull(inner), random), inner);
}

function newVariable(
  type: GraphQLInputType,
  random: SeededRandom,
  { declarations, values }: OperationVariables,
): string {
  const name = `v${declarations.length}`;
  const declared = !isNonNullType(type) && random.chance(0.2) ? new GraphQLNonNull(type) : type;
  const hasDefault = random.chance(0.25);
  const fallback = hasDefault ? ` = ${literal(generateValue(declared, random), declared)}` : '';
  declarations.push(`$${name}: ${String(declared)}${fallback}`);
  const mayLack = hasDefault || !isNonNullType(declared);
  if (!mayLack || random.chance(0.7)) values[name] = generateValue(declared, random);
  return `$${name}`;
}

const literal = (value: unknown, type: GraphQLInputType): string => {
  const node = astFromValue(value, type);
  return node ? print(node) : 'null';
};

/** @returns a value as JSON, for the variables */
function generateValue(type: GraphQLInputType, random: SeededRandom): unknown {
  if (!isNonNullType(type))
    return random.chance(0.15) ? null : generateValue(new GraphQLNonNull(type), random);
  const inner: GraphQLInputType = type.ofType;
  if (isListType(inner)) {
    return Array.from({ length: random.int(3) }, () => generateValue(inner.ofType, random));
  }
  if (isInputObjectType(inner)) {
    const given = Object.values(inner.getFields()).filter(
      (field) => (isNonNullType(field.type) && field.defaultValue === undefined) || random.chance(0.6),
    );
    return Object.fromEntries(given.map((field) => [field.name, generateValue(field.type, random)]));
  }
  if (isEnumType(inner)) return random.pick(inner.getValues()).name;
  switch (inner.name) {
    case 'Int':
      return random.int(5) - 1;
    case 'Float':
      return random.int(8) / 4;
    case 'Boolean':
      return random.chance(0.5);
    default:
      return random.pick(WORDS);
  }
}
