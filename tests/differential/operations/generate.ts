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
import { createRandom, type Random } from '../random.js';
import type { Request } from '../world/subgraph.js';
import { generateArguments, generateConditions, type Variables } from './arguments.js';

export interface OperationOptions {
  readonly schema: GraphQLSchema;
  /** Fields are often renamed to one of these. */
  readonly temptingNames: readonly string[];
}

const MAX_DEPTH = 5;
const MAX_FIELDS = 30;
const ATTEMPTS = 50;

/** What is at a place of the response: by its key, the field and what is below. */
type Place = Map<string, { readonly field: string; readonly below: Place }>;

/** @returns a valid operation; the same for the same seed */
export function generateOperation(seed: number, options: OperationOptions): Request {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const request = attemptOperation(createRandom(seed * ATTEMPTS + attempt), options);
    if (validate(options.schema, parse(request.query)).length === 0) return request;
  }
  throw new Error(`No operation of seed ${seed} is valid.`);
}

function attemptOperation(random: Random, { schema, temptingNames }: OperationOptions): Request {
  const variables: Variables = { declarations: [], values: {} };
  const fragments: { readonly name: string; readonly on: string; readonly text: string }[] = [];
  let fields = 0;

  const fieldText = (
    field: GraphQLField<unknown, unknown>,
    depth: number,
    place: Place,
  ): string | undefined => {
    const type = getNamedType(field.type);
    if (isCompositeType(type) && depth >= MAX_DEPTH) return undefined;
    const args = generateArguments(field.args, random, variables);
    const signature = `${field.name}${args}: ${String(field.type)}`;
    const taken = new Set(place.keys());
    const name = random.chance(0.25) ? random.pick(['a', 'b', ...temptingNames]) : field.name;
    const key = taken.has(name) && place.get(name)?.field !== signature ? `f${fields}` : name;
    fields += 1;
    const at = place.get(key) ?? { field: signature, below: new Map() };
    place.set(key, at);
    const alias = key === field.name ? '' : `${key}: `;
    const below = isCompositeType(type) ? ` ${selectionText(type, depth + 1, at.below)}` : '';
    return `${alias}${field.name}${args}${generateConditions(random, variables)}${below}`;
  };

  const selectionText = (type: GraphQLCompositeType, depth: number, place: Place): string => {
    const wanted = 1 + random.int(depth === 0 ? 3 : 4);
    const parts: string[] = [];
    for (let count = 0; count < wanted; count += 1) {
      const part = selection(type, depth, place);
      if (part !== undefined) parts.push(part);
    }
    return `{ ${parts.length > 0 ? parts.join(' ') : '__typename'} }`;
  };

  const selection = (type: GraphQLCompositeType, depth: number, place: Place): string | undefined => {
    if (fields > MAX_FIELDS) return undefined;
    const available = isAbstractType(type) && !isInterfaceType(type) ? [] : Object.values(type.getFields());
    const leaves = available.filter((field) => !isCompositeType(getNamedType(field.type)));
    const kind = random.int(20);
    if (kind < 2) return typenameText(place);
    if (kind < 5 || available.length === 0) return fragmentText(type, depth, place);
    const from = depth > 1 && leaves.length > 0 && random.chance(0.4) ? leaves : available;
    return fieldText(random.pick(from), depth, place);
  };

  const typenameText = (place: Place): string | undefined => {
    const key = random.chance(0.2) ? random.pick(['kind', ...temptingNames]) : '__typename';
    const known = place.get(key);
    if (known && known.field !== '__typename') return undefined;
    place.set(key, { field: '__typename', below: new Map() });
    return `${key === '__typename' ? '' : `${key}: `}__typename${generateConditions(random, variables)}`;
  };

  const fragmentText = (type: GraphQLCompositeType, depth: number, place: Place): string => {
    const conditions = generateConditions(random, variables);
    const fitting = fragments.filter(({ on }) => overlaps(schema, type, on));
    if (fitting.length > 0 && random.chance(0.3)) return `...${random.pick(fitting).name}${conditions}`;
    const on = random.pick(overlapping(schema, type));
    const text = selectionText(on, depth, place);
    const isNamed = random.chance(0.3);
    if (!isNamed)
      return `...${on === type && random.chance(0.5) ? '' : ` on ${on.name}`}${conditions} ${text}`;
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

/** Types that a fragment may have where this one is. */
const overlapping = (schema: GraphQLSchema, type: GraphQLCompositeType): GraphQLCompositeType[] =>
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
