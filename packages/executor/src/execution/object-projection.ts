import type { JsonObject, JsonPath } from '../shared/json.js';
import type { ResolveIntrospection } from './compile-introspection.js';
import type { SerializeLeaf } from './serialize-leaf.js';

/** How an object of one type becomes an object of the client's response. */
export interface ObjectProjection {
  /** It is for objects whose concrete type is unknown. */
  readonly isAbstract: boolean;
  readonly fields: readonly FieldProjection[];
  /** The fragments of these objects that are sent in later parts; `undefined` if there are none. */
  readonly deferred: readonly DeferredProjection[] | undefined;
  /** An object with all client keys in response order, each null. */
  readonly emptyObject: Readonly<JsonObject>;
}

/** A fragment whose fields are sent in a later part of the response. */
export interface DeferredProjection {
  /** Its index in `DeferralPlan.fragments`. */
  readonly fragment: number;
  /** The projection of its fields, for the objects of this projection. */
  readonly getProjection: () => ObjectProjection;
}

export interface FieldProjection {
  /** The key in the response tree. */
  readonly treeKey: string;
  /** The key in the client's response. */
  readonly clientKey: string;
  /** The schema coordinate for messages: `Type.field`. */
  readonly coordinate: string;
  readonly isNonNull: boolean;
  /** Whether there can be deferred fragments in the objects below. */
  readonly hasDeferred: boolean;
  readonly value: ValueProjection | TypenameProjection | IntrospectionProjection | DeniedProjection;
}

/** The field `__schema` or `__type`. No subgraph is asked for it. */
export interface IntrospectionProjection {
  readonly kind: 'introspection';
  readonly resolve: ResolveIntrospection;
}

/** A field that is not fetched, because the client may not access it. */
export interface DeniedProjection {
  readonly kind: 'denied';
}

/** The field `__typename`. */
export interface TypenameProjection {
  readonly kind: 'typename';
  /** `undefined` if the concrete type is unknown. */
  readonly typeName: string | undefined;
}

export type ValueProjection =
  | { readonly kind: 'leaf'; readonly serialize: SerializeLeaf }
  | { readonly kind: 'list'; readonly element: ValueProjection; readonly isElementNonNull: boolean }
  | { readonly kind: 'object'; readonly projection: ObjectProjection }
  | {
      /** An interface or union. */
      readonly kind: 'abstract';
      /** @returns `undefined` if the API schema has no such type, or the field cannot return it */
      readonly getProjection: (typename: unknown) => ObjectProjection | undefined;
      /** One projection per possible object type. */
      readonly listProjections: () => readonly ObjectProjection[];
    };

export type ListProjection = Extract<ValueProjection, { kind: 'list' }>;

export type CompositeValueProjection = Extract<ValueProjection, { kind: 'object' | 'abstract' }>;

/** One projection per possible object type. */
export const listProjections = (projection: CompositeValueProjection): readonly ObjectProjection[] =>
  projection.kind === 'object' ? [projection.projection] : projection.listProjections();

/** Translates a path in tree keys to client keys, up to the first field that the client does not select. */
export function toClientPath(projection: FieldProjection['value'], path: JsonPath): JsonPath {
  const [step, ...rest] = path;
  if (step === undefined) return [];
  if (projection.kind === 'list') {
    return typeof step === 'number' ? [step, ...toClientPath(projection.element, rest)] : [];
  }
  if (projection.kind !== 'object' && projection.kind !== 'abstract') return [];
  for (const { fields } of listProjections(projection)) {
    const field = fields.find(({ treeKey }) => treeKey === step);
    if (field) return [field.clientKey, ...toClientPath(field.value, rest)];
  }
  return [];
}
