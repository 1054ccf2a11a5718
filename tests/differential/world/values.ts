import {
  GraphQLError,
  isEnumType,
  isCompositeType,
  Kind,
  type SelectionSetNode,
  type TypeNode,
} from 'graphql';
import { hash, share } from '../random.js';
import type { Facts } from './facts.js';

/** An object of the data: the same one in every subgraph that knows it. */
export interface Thing {
  readonly type: string;
  /** An entity's is its type and number, any other's the place where it is found. */
  readonly identity: string;
  /** What a subgraph was told of it by a gateway. */
  readonly representation?: Record<string, unknown>;
}

/** What the data are like in one run. */
export interface Circumstances {
  /** Other data for another. */
  readonly seed: number;
  /** Share of the fields that fail, from 0 to 1. */
  readonly faults: number;
  /** Share of the nulls where null is allowed. */
  readonly nulls: number;
}

export interface Run extends Circumstances {
  /** Raised by each mutation; fields whose name begins with `live` show it. */
  version: number;
}

export interface Values {
  run: Run;
  /** @returns what resolves a field, given what it requires */
  valueOf(thing: Thing, field: string, args: Args, required?: unknown): unknown;
  /** @returns plain data without `__typename`, as a representation would have them */
  select(thing: Thing, selections: SelectionSetNode): Record<string, unknown>;
  /** All entities of an object type or interface. */
  pool(type: string): readonly Thing[];
}

type Args = Readonly<Record<string, unknown>>;

interface Place {
  readonly possible: readonly string[];
  readonly at: string;
  readonly isKey: boolean;
  /** Whether it is neither an error nor a null where none may be. */
  readonly isSound: boolean;
}

const ENTITIES_A_TYPE = 3;
const LONGEST_LIST = 3;

/** Data without end: each value is made of the names of what it belongs to, and thus the same wherever it is asked for. */
export function createValues(facts: Facts): Values {
  const mutation = facts.schema.getMutationType()?.name;
  const pool = (type: string): Thing[] =>
    facts
      .objects(type)
      .flatMap((name) =>
        Array.from({ length: ENTITIES_A_TYPE }, (_, index) => ({ type: name, identity: `${name}:${index}` })),
      );

  const leaf = (name: string, { possible, at, isKey }: Omit<Place, 'isSound'>): unknown => {
    const bits = hash(`${values.run.seed} ${at}`);
    if (isEnumType(facts.schema.getType(name))) return possible[bits % possible.length];
    switch (name) {
      case 'ID':
      case 'String':
        return at;
      case 'Int':
        return isKey ? Number(/:(\d+)/.exec(at)?.[1]) : bits % 1000;
      case 'Float':
        return (bits % 1000) / 4;
      case 'Boolean':
        return bits % 2 === 0;
      default:
        return { at, list: [bits % 10, null, { deep: true }] };
    }
  };

  const complete = (
    type: TypeNode,
    { possible, at, isKey, isSound, mayBeNull = !isKey }: Place & { readonly mayBeNull?: boolean },
  ): unknown => {
    const { seed, faults, nulls } = values.run;
    if (type.kind === Kind.NON_NULL_TYPE) {
      const isBroken = !isSound && share(`${seed} broken ${at}`) < faults / 4;
      return isBroken ? null : complete(type.type, { possible, at, isKey, isSound, mayBeNull: false });
    }
    if (mayBeNull && share(`${seed} null ${at}`) < nulls) return null;
    if (type.kind === Kind.LIST_TYPE) {
      const length = hash(`${seed} length ${at}`) % (LONGEST_LIST + 1);
      return Array.from({ length }, (_, index) =>
        complete(type.type, { possible, at: `${at}[${index}]`, isKey, isSound }),
      );
    }
    const name = type.name.value;
    if (!isCompositeType(facts.schema.getType(name))) return leaf(name, { possible, at, isKey });
    if (possible.length === 0) return null;
    const picked = possible[hash(`${seed} type ${at}`) % possible.length]!;
    const number = hash(`${seed} entity ${at}`) % ENTITIES_A_TYPE;
    return { type: picked, identity: facts.isEntity(picked) ? `${picked}:${number}` : at };
  };

  const values: Values = {
    run: { seed: 0, faults: 0, nulls: 0, version: 0 },

    valueOf({ type, identity }, field, args, required) {
      if (type === mutation) values.run.version += 1;
      const { type: declared, possible } = facts.field(type, field);
      const isKey = facts.isKey(type, field);
      const given = Object.keys(args).length > 0 ? `(${JSON.stringify(args)})` : '';
      const told = required === undefined ? '' : `<${JSON.stringify(required)}>`;
      const live = field.startsWith('live') ? `@${values.run.version}` : '';
      const at = `${identity}.${field}${given}${told}${live}`;
      const { seed, faults } = values.run;
      const isSound = isKey || facts.isRequired(type, field);
      const mayFail = !isSound || (!isKey && declared.kind !== Kind.NON_NULL_TYPE);
      if (mayFail && share(`${seed} fails ${at}`) < faults) {
        throw new GraphQLError(`${at} fails`, { extensions: { code: `FAULT_${hash(at) % 10}` } });
      }
      return complete(declared, { possible, at, isKey, isSound });
    },

    select(thing, selections) {
      const result: Record<string, unknown> = {};
      for (const selection of selections.selections) {
        if (selection.kind === Kind.INLINE_FRAGMENT) {
          const condition = selection.typeCondition?.name.value;
          if (condition === undefined || facts.objects(condition).includes(thing.type)) {
            Object.assign(result, values.select(thing, selection.selectionSet));
          }
        } else if (selection.kind === Kind.FIELD && selection.name.value !== '__typename') {
          const name = selection.name.value;
          const { requires } = facts.field(thing.type, name);
          const args = facts.argumentsOf(thing.type, selection);
          const value = values.valueOf(thing, name, args, requires && values.select(thing, requires));
          const inner = selection.selectionSet;
          result[name] = inner ? each(value, (one) => values.select(one as Thing, inner)) : value;
        }
      }
      return result;
    },

    pool,
  };
  return values;
}

/** Applies to every element of lists of lists; null stays null. */
export const each = (value: unknown, apply: (one: object) => unknown): unknown => {
  if (Array.isArray(value)) return value.map((one) => each(one, apply));
  return typeof value === 'object' && value !== null ? apply(value) : value;
};
