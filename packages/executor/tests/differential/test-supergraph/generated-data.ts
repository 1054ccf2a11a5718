import {
  GraphQLError,
  isEnumType,
  isCompositeType,
  Kind,
  type SelectionSetNode,
  type TypeNode,
} from 'graphql';
import { hashText, hashToFraction } from '../seeded-random.js';
import type { SupergraphFacts } from './supergraph-facts.js';

/** An object of the generated data. It is the same in every subgraph that knows it. */
export interface DataObject {
  readonly type: string;
  /** An entity's type and number; any other object's place in the data. */
  readonly identity: string;
  /** The representation that a gateway sent to a subgraph. */
  readonly representation?: Record<string, unknown>;
}

/** Settings of the generated data. */
export interface DataSettings {
  /** Another seed gives other data. */
  readonly seed: number;
  /** Share of fields whose resolver fails, from 0 to 1. */
  readonly errorRate: number;
  /** Share of nulls where null is allowed, from 0 to 1. */
  readonly nullRate: number;
}

export interface DataState extends DataSettings {
  /** Increased by each mutation. Fields whose name starts with `live` show it. */
  version: number;
}

/** Endless data. Each value consists of the names of its place, so every subgraph returns the same one. */
export interface GeneratedData {
  state: DataState;
  /**
   * @param required the data that the field requires
   * @throws GraphQLError for a share of the fields
   */
  resolveField(object: DataObject, field: string, args: Args, required?: unknown): unknown;
  /** @returns plain data without `__typename`, as in a representation */
  selectFields(object: DataObject, selections: SelectionSetNode): Record<string, unknown>;
  /** @returns all entities of an object type or interface */
  getEntities(type: string): readonly DataObject[];
}

type Args = Readonly<Record<string, unknown>>;

/** Where a value stands in the data. */
interface DataPlace {
  /** Possible object types, or enum values. */
  readonly possible: readonly string[];
  /** The path of names that makes the value unique. */
  readonly path: string;
  readonly isKey: boolean;
  /** Whether it never fails and is never null if it is non-null. */
  readonly isReliable: boolean;
}

const ENTITIES_PER_TYPE = 3;
const MAX_LIST_LENGTH = 3;

export function createGeneratedData(facts: SupergraphFacts): GeneratedData {
  const mutation = facts.schema.getMutationType()?.name;
  const getEntities = (type: string): DataObject[] =>
    facts.getObjectTypes(type).flatMap((name) =>
      Array.from({ length: ENTITIES_PER_TYPE }, (_, index) => ({
        type: name,
        identity: `${name}:${index}`,
      })),
    );

  const createLeaf = (name: string, { possible, path, isKey }: Omit<DataPlace, 'isReliable'>): unknown => {
    const bits = hashText(`${data.state.seed} ${path}`);
    if (isEnumType(facts.schema.getType(name))) return possible[bits % possible.length];
    switch (name) {
      case 'ID':
      case 'String':
        return path;
      case 'Int':
        return isKey ? Number(/:(\d+)/.exec(path)?.[1]) : bits % 1000;
      case 'Float':
        return (bits % 1000) / 4;
      case 'Boolean':
        return bits % 2 === 0;
      default:
        return { path, list: [bits % 10, null, { deep: true }] };
    }
  };

  const createValue = (
    type: TypeNode,
    { possible, path, isKey, isReliable, canBeNull = !isKey }: DataPlace & { readonly canBeNull?: boolean },
  ): unknown => {
    const { seed, errorRate, nullRate } = data.state;
    if (type.kind === Kind.NON_NULL_TYPE) {
      const isInvalidNull = !isReliable && hashToFraction(`${seed} broken ${path}`) < errorRate / 4;
      return isInvalidNull
        ? null
        : createValue(type.type, { possible, path, isKey, isReliable, canBeNull: false });
    }
    if (canBeNull && hashToFraction(`${seed} null ${path}`) < nullRate) return null;
    if (type.kind === Kind.LIST_TYPE) {
      const length = hashText(`${seed} length ${path}`) % (MAX_LIST_LENGTH + 1);
      return Array.from({ length }, (_, index) =>
        createValue(type.type, { possible, path: `${path}[${index}]`, isKey, isReliable }),
      );
    }
    const name = type.name.value;
    if (!isCompositeType(facts.schema.getType(name))) return createLeaf(name, { possible, path, isKey });
    if (possible.length === 0) return null;
    const picked = possible[hashText(`${seed} type ${path}`) % possible.length]!;
    const number = hashText(`${seed} entity ${path}`) % ENTITIES_PER_TYPE;
    return { type: picked, identity: facts.isEntity(picked) ? `${picked}:${number}` : path };
  };

  const data: GeneratedData = {
    state: { seed: 0, errorRate: 0, nullRate: 0, version: 0 },

    resolveField({ type, identity }, field, args, required) {
      if (type === mutation) data.state.version += 1;
      const { type: declared, possible } = facts.getField(type, field);
      const isKey = facts.isKey(type, field);
      const argsText = Object.keys(args).length > 0 ? `(${JSON.stringify(args)})` : '';
      const requiredText = required === undefined ? '' : `<${JSON.stringify(required)}>`;
      const live = field.startsWith('live') ? `@${data.state.version}` : '';
      const path = `${identity}.${field}${argsText}${requiredText}${live}`;
      const { seed, errorRate } = data.state;
      const isReliable = isKey || facts.isRequired(type, field);
      const canFail = !isReliable || (!isKey && declared.kind !== Kind.NON_NULL_TYPE);
      if (canFail && hashToFraction(`${seed} fails ${path}`) < errorRate) {
        throw new GraphQLError(`${path} fails`, { extensions: { code: `FAULT_${hashText(path) % 10}` } });
      }
      return createValue(declared, { possible, path, isKey, isReliable });
    },

    selectFields(object, selections) {
      const result: Record<string, unknown> = {};
      for (const selection of selections.selections) {
        if (selection.kind === Kind.INLINE_FRAGMENT) {
          const condition = selection.typeCondition?.name.value;
          if (condition === undefined || facts.getObjectTypes(condition).includes(object.type)) {
            Object.assign(result, data.selectFields(object, selection.selectionSet));
          }
        } else if (selection.kind === Kind.FIELD && selection.name.value !== '__typename') {
          const name = selection.name.value;
          const { requires } = facts.getField(object.type, name);
          const args = facts.getArguments(object.type, selection);
          const value = data.resolveField(
            object,
            name,
            args,
            requires && data.selectFields(object, requires),
          );
          const inner = selection.selectionSet;
          result[name] = inner
            ? mapObjects(value, (one) => data.selectFields(one as DataObject, inner))
            : value;
        }
      }
      return result;
    },

    getEntities,
  };
  return data;
}

/** Applies a function to the object, or to each object in (nested) lists. Null and scalars stay. */
export const mapObjects = (value: unknown, apply: (one: object) => unknown): unknown => {
  if (Array.isArray(value)) return value.map((one) => mapObjects(one, apply));
  return typeof value === 'object' && value !== null ? apply(value) : value;
};
