import type { Path } from './field-errors.js';
import type { Leaf } from './leaf.js';
import { explain, tell, type Telling } from './telling.js';
import { isTree, valueAt, type Tree } from './tree.js';

/** What a client gets of the values of one type in one place of its operation. */
export interface ObjectShape {
  /** It is of all values of which it is not known which type they have. */
  readonly isAbstract: boolean;
  readonly fields: readonly FieldShape[];
  /** An object with all of the fields, in order. */
  readonly blank: Readonly<Tree>;
}

export interface FieldShape {
  /** The name in the tree. */
  readonly from: string;
  /** The name in the client's answer. */
  readonly to: string;
  /** For messages: `Type.field`. */
  readonly coordinate: string;
  readonly isNonNull: boolean;
  readonly value: ValueShape | TypenameShape;
}

/** The name of the object's type; undefined where its data does not say which of several it has. */
export interface TypenameShape {
  readonly kind: 'typename';
  readonly name: string | undefined;
}

export type ValueShape =
  | { readonly kind: 'leaf'; readonly leaf: Leaf }
  | { readonly kind: 'list'; readonly of: ValueShape; readonly isNonNull: boolean }
  | {
      readonly kind: 'object';
      /** @returns undefined where clients know no such type, or it cannot stand there */
      readonly shapeOf: (typename: unknown) => ObjectShape | undefined;
      /** Every type that may stand there. */
      readonly shapes: () => readonly ObjectShape[];
    };

type Shaped = Map<ObjectShape, Map<object, Tree>>;

export interface Shaping extends Telling {
  /** What stands in more than one place is shaped once, as long as it has no error: errors have paths. */
  readonly shared: ReadonlySet<object>;
  shaped: Shaped | undefined;
}

/** @returns null where a field that may not be null is; its error is told then */
export function shapeObject(shape: ObjectShape, source: Tree, shaping: Shaping): Tree | null {
  if (shaping.shared.size > 0 && shaping.faults === undefined && shaping.shared.has(source)) {
    return shapeShared(shape, source, shaping);
  }
  return shapeFields(shape, source, shaping);
}

function shapeShared(shape: ObjectShape, source: Tree, shaping: Shaping): Tree | null {
  const all = (shaping.shaped ??= new Map() as Shaped);
  const shaped = all.get(shape) ?? new Map<object, Tree>();
  all.set(shape, shaped);
  const known = shaped.get(source);
  if (known) return known;
  const before = shaping.errors.length;
  const result = shapeFields(shape, source, shaping);
  if (result && shaping.errors.length === before) shaped.set(source, result);
  return result;
}

function shapeFields({ fields, blank }: ObjectShape, source: Tree, shaping: Shaping): Tree | null {
  // A copy is made at once, where one field after the other would make it grow.
  const result: Tree = { ...blank };
  for (const field of fields) {
    const value = shapeField(field, source, shaping);
    if (value === null && field.isNonNull) return null;
    result[field.to] = value;
  }
  return result;
}

function shapeField(field: FieldShape, source: Tree, shaping: Shaping): unknown {
  const { value: shape } = field;
  if (shape.kind === 'typename' && shape.name !== undefined) return shape.name;
  const value = shape.kind === 'typename' ? null : valueAt(source, field.from);
  const isExplained =
    shaping.faults !== undefined &&
    explain(shaping, source, field.from, value, (rest) => [field.to, ...clientPath(shape, rest)]);
  if (shape.kind === 'typename' || value === undefined || value === null) {
    if (field.isNonNull && !isExplained) {
      tell(shaping, cannotBeNull(field.coordinate), 'SUBGRAPH_BAD_RESPONSE', field.to);
    }
    return null;
  }
  if (shape.kind === 'leaf') {
    const leaf = shape.leaf(value);
    if (leaf !== undefined) return leaf;
    tell(shaping, invalid(field.coordinate), 'SUBGRAPH_BAD_RESPONSE', field.to);
    return null;
  }
  shaping.path.push(field.to);
  const result = shapeValue(shape, value, field.coordinate, shaping);
  shaping.path.pop();
  return result;
}

/** @param value not null */
function shapeValue(shape: ValueShape, value: unknown, coordinate: string, shaping: Shaping): unknown {
  if (shape.kind === 'leaf') {
    const leaf = shape.leaf(value);
    if (leaf !== undefined) return leaf;
  } else if (shape.kind === 'list') {
    if (Array.isArray(value)) return shapeList(shape, value, coordinate, shaping);
  } else if (isTree(value)) {
    const inner = shape.shapeOf(value['__typename']);
    if (inner?.isAbstract !== true || !shaping.faults?.at(value, '__typename')) {
      if (inner) return shapeObject(inner, value, shaping);
    }
    if (explainType(shape, value, shaping)) return null;
  }
  tell(shaping, invalid(coordinate), 'SUBGRAPH_BAD_RESPONSE');
  return null;
}

/** Tells why the type of an object is not known: what would have told it has failed. */
function explainType(
  { shapes }: Extract<ValueShape, { kind: 'object' }>,
  source: Tree,
  shaping: Shaping,
): boolean {
  for (const { fields } of shapes()) {
    for (const { from, to, value } of fields) {
      if (shaping.faults?.at(source, from)?.some(({ ofAll }) => !ofAll) !== true) continue;
      return explain(shaping, source, from, undefined, (rest) => [to, ...clientPath(value, rest)]);
    }
  }
  return explain(shaping, source, '__typename', undefined, () => []);
}

function shapeList(
  { of, isNonNull }: Extract<ValueShape, { kind: 'list' }>,
  values: unknown[],
  coordinate: string,
  shaping: Shaping,
): unknown[] | null {
  const results: unknown[] = [];
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    const isExplained =
      shaping.faults !== undefined &&
      explain(shaping, values, index, value, (rest) => [index, ...clientPath(of, rest)]);
    let result: unknown = null;
    if (value === undefined || value === null) {
      if (isNonNull && !isExplained) {
        tell(shaping, cannotBeNull(coordinate), 'SUBGRAPH_BAD_RESPONSE', index);
      }
    } else {
      shaping.path.push(index);
      result = shapeValue(of, value, coordinate, shaping);
      shaping.path.pop();
    }
    if (result === null && isNonNull) return null;
    results.push(result);
  }
  return results;
}

/** As far as a path leads through what the client has selected, in the client's names. */
function clientPath(shape: FieldShape['value'], path: Path): Path {
  const [step, ...rest] = path;
  if (step === undefined) return [];
  if (shape.kind === 'list') return typeof step === 'number' ? [step, ...clientPath(shape.of, rest)] : [];
  if (shape.kind !== 'object') return [];
  for (const { fields } of shape.shapes()) {
    const field = fields.find(({ from }) => from === step);
    if (field) return [field.to, ...clientPath(field.value, rest)];
  }
  return [];
}

// As graphql-js says it.
const cannotBeNull = (coordinate: string) => `Cannot return null for non-nullable field ${coordinate}.`;
const invalid = (coordinate: string) => `A subgraph gave a value that is none of the type of ${coordinate}.`;
