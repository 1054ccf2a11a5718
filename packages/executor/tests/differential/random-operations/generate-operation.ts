import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  OperationTypeNode,
  parse,
  validate,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
} from 'graphql';
import { createSeededRandom, type SeededRandom } from '../seeded-random.js';
import type { TestRequest } from '../test-supergraph/test-subgraph.js';
import { generateArguments, generateConditions, type OperationVariables } from './generate-arguments.js';

export interface RandomOperationOptions {
  readonly schema: GraphQLSchema;
  /** Aliases that collide with names that a gateway reads. Fields often get one of them. */
  readonly collidingAliases: readonly string[];
}

const MAX_DEPTH = 5;
const MAX_FIELDS = 30;
const MAX_ATTEMPTS = 100;

/** The fields of one object in the response, by response key. */
type ResponseObject = Map<string, { readonly field: string; readonly below: ResponseObject }>;

/** @returns a valid operation; the same one for the same seed */
export function generateOperation(seed: number, options: RandomOperationOptions): TestRequest {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const request = attemptOperation(createSeededRandom(seed * MAX_ATTEMPTS + attempt), options);
    if (validate(options.schema, parse(request.query)).length === 0) return request;
  }
  throw new Error(`No valid operation was generated from seed ${seed}.`);
}

function attemptOperation(
  random: SeededRandom,
  { schema, collidingAliases }: RandomOperationOptions,
): TestRequest {
  const variables: OperationVariables = { declarations: [], values: {} };
  const fragments: { readonly name: string; readonly on: string; readonly text: string }[] = [];
  let fields = 0;

  const fieldText = (
    field: GraphQLField<unknown, unknown>,
    depth: number,
    place: ResponseObject,
  ): string | undefined => {
    const type = getNamedType(field.type);
    if (isCompositeType(type) && depth >= MAX_DEPTH) return undefined;
    const args = generateArguments(field.args, random, variables);
    const signature = `${field.name}${args}: ${String(field.type)}`;
    const taken = new Set(place.keys());
    const name = random.chance(0.25) ? random.pick(['a', 'b', ...collidingAliases]) : field.name;
    const key = taken.has(name) && place.get(name)?.field !== signature ? `f${fields}` : name;
    fields += 1;
    const at = place.get(key) ?? { field: signature, below: new Map() };
    place.set(key, at);
    const alias = key === field.name ? '' : `${key}: `;
    const below = isCompositeType(type) ? ` ${selectionText(type, depth + 1, at.below)}` : '';
    return `${alias}${field.name}${args}${generateConditions(random, variables)}${below}`;
  };

  const selectionText = (type: GraphQLCompositeType, depth: number, place: ResponseObject): string => {
    const wanted = 1 + random.int(depth === 0 ? 3 : 4);
    const parts: string[] = [];
    for (let count = 0; count < wanted; count += 1) {
      const part = selection(type, depth, place);
      if (part !== undefined) parts.push(part);
    }
    return `{ ${parts.length > 0 ? parts.join(' ') : '__typename'} }`;
  };

  const selection = (
    type: GraphQLCompositeType,
    depth: number,
    place: ResponseObject,
  ): string | undefined => {
    if (fields > MAX_FIELDS) return undefined;
    const available = isAbstractType(type) && !isInterfaceType(type) ? [] : Object.values(type.getFields());
    const leaves = available.filter((field) => !isCompositeType(getNamedType(field.type)));
    const kind = random.int(20);
    if (kind < 2) return typenameText(place);
    if (kind < (isAbstractType(type) ? 8 : 5) || available.length === 0)
      return fragmentText(type, depth, place);
    const from = depth > 1 && leaves.length > 0 && random.chance(0.4) ? leaves : available;
    return fieldText(random.pick(from), depth, place);
  };

  const typenameText = (place: ResponseObject): string | undefined => {
    const key = random.chance(0.2) ? random.pick(['kind', ...collidingAliases]) : '__typename';
    const known = place.get(key);
    if (known && known.field !== '__typename') return undefined;
    place.set(key, { field: '__typename', below: new Map() });
    return `${key === '__typename' ? '' : `${key}: `}__typename${generateConditions(random, variables)}`;
  };

  const fragmentText = (type: GraphQLCompositeType, depth: number, place: ResponseObject): string => {
    const conditions = generateConditions(random, variables);
    const matchingFragments = fragments.filter(({ on }) => overlaps(schema, type, on));
    if (matchingFragments.length > 0 && random.chance(0.3))
      return `...${random.pick(matchingFragments).name}${conditions}`;
    const on = random.pick(getOverlappingTypes(schema, type));
    // Objects of different types may have different fields under one response key.
    const isOwnPlace = isObjectType(on) && isAbstractType(type) && random.chance(0.7);
    const text = selectionText(on, depth, isOwnPlace ? new Map(place) : place);
    const fragment = nameFragment(on, text, conditions, on === type);
    const sibling = isOwnPlace ? random.pick(getOverlappingTypes(schema, type)) : on;
    if (!isObjectType(sibling) || sibling === on) return fragment;
    return `${fragment} ${nameFragment(sibling, changeNumbers(text), conditions, false)}`;
  };

  const nameFragment = (
    on: GraphQLCompositeType,
    text: string,
    conditions: string,
    mayOmitType: boolean,
  ): string => {
    const isNamed = random.chance(0.3);
    if (!isNamed)
      return `...${mayOmitType && random.chance(0.5) ? '' : ` on ${on.name}`}${conditions} ${text}`;
    const name = `F${fragments.length}`;
    fragments.push({ name, on: on.name, text });
    return `...${name}${conditions}`;
  };

  const mutation = schema.getMutationType();
  const query = schema.getQueryType();
  if (!query) throw new Error('The schema has no queries.');
  const root = mutation && random.chance(0.15) ? mutation : query;
  const selections = selectionText(root, 0, new Map());
  const declared = variables.declarations.length > 0 ? ` (${variables.declarations.join(', ')})` : '';
  const kind = root === mutation ? OperationTypeNode.MUTATION : OperationTypeNode.QUERY;
  const definitions = [
    `${kind}${declared} ${selections}`,
    ...fragments.map(({ name, on, text }) => `fragment ${name} on ${on} ${text}`),
  ];
  return { query: definitions.join('\n'), variables: variables.values };
}

/** Gives arguments other values: the same fields of another type then have other results. */
const changeNumbers = (text: string): string =>
  text.replaceAll(/\b\d+\b/g, (number) => String(Number(number) + 1));

/** @returns the types that a fragment may have inside this type */
const getOverlappingTypes = (schema: GraphQLSchema, type: GraphQLCompositeType): GraphQLCompositeType[] =>
  Object.values(schema.getTypeMap())
    .filter(isCompositeType)
    .filter((each) => !each.name.startsWith('__') && overlaps(schema, type, each.name));

function overlaps(schema: GraphQLSchema, type: GraphQLCompositeType, on: string): boolean {
  const other = schema.getType(on);
  const names = (each: unknown) =>
    isAbstractType(each)
      ? schema.getPossibleTypes(each).map(({ name }) => name)
      : isObjectType(each)
        ? [each.name]
        : [];
  const possible = new Set(names(type));
  return names(other).some((name) => possible.has(name));
}
