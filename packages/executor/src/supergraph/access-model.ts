import { Kind, type FieldDefinitionNode, type TypeDefinitionNode } from 'graphql';
import { getFieldCoordinate } from './cost-model.js';
import { findDirectiveName } from './linked-directives.js';
import {
  getDirectiveArguments,
  type NodeWithDirectives,
  type SupergraphDocument,
} from './supergraph-document.js';

/*
 * Reads the authorization directives of a supergraph: `@authenticated`, `@requiresScopes` and `@policy`
 * (https://www.apollographql.com/docs/graphos/routing/security/authorization).
 */

/** What a client must be or have to select a field or type. */
export type AccessRequirement =
  | {
      readonly kind: 'authenticated';
      /** Equal for equal requirements. */
      readonly key: string;
    }
  | {
      readonly kind: 'scopes' | 'policies';
      readonly key: string;
      /** The client must have all names of one of these lists. */
      readonly anyOf: readonly (readonly string[])[];
    };

/** The requirements that a supergraph declares. A client must meet all requirements of a field or type. */
export interface AccessModel {
  /** By type name: of object types, interfaces, scalars and enums. */
  readonly typeRequirements: ReadonlyMap<string, readonly AccessRequirement[]>;
  /** By coordinate such as `Query.rules`. */
  readonly fieldRequirements: ReadonlyMap<string, readonly AccessRequirement[]>;
}

/** A directive of the supergraph; the name is `undefined` if it has none. */
interface AccessDirective {
  readonly kind: AccessRequirement['kind'];
  readonly name: string | undefined;
}

/**
 * @returns `undefined` if the supergraph declares no requirements
 * @throws Error for a requirement that cannot be read
 */
export function readAccessModel({ document, types }: SupergraphDocument): AccessModel | undefined {
  const directives: readonly AccessDirective[] = [
    {
      kind: 'authenticated',
      name: findDirectiveName(document, 'https://specs.apollo.dev/authenticated/', 'authenticated'),
    },
    {
      kind: 'scopes',
      name: findDirectiveName(document, 'https://specs.apollo.dev/requiresScopes/', 'requiresScopes'),
    },
    { kind: 'policies', name: findDirectiveName(document, 'https://specs.apollo.dev/policy/', 'policy') },
  ];
  const typeRequirements = new Map<string, readonly AccessRequirement[]>();
  const fieldRequirements = new Map<string, readonly AccessRequirement[]>();
  const read = (
    node: NodeWithDirectives,
    key: string,
    requirementsByKey: Map<string, readonly AccessRequirement[]>,
  ): void => {
    const requirements = directives.flatMap((directive) => readRequirements(node, directive, key));
    if (requirements.length > 0) requirementsByKey.set(key, requirements);
  };
  for (const type of types.values()) {
    read(type, type.name.value, typeRequirements);
    for (const field of listFields(type)) {
      read(field, getFieldCoordinate(type.name.value, field.name.value), fieldRequirements);
    }
  }
  if (typeRequirements.size === 0 && fieldRequirements.size === 0) return undefined;
  return { typeRequirements, fieldRequirements };
}

const listFields = (type: TypeDefinitionNode): readonly FieldDefinitionNode[] =>
  type.kind === Kind.OBJECT_TYPE_DEFINITION || type.kind === Kind.INTERFACE_TYPE_DEFINITION
    ? (type.fields ?? [])
    : [];

function readRequirements(
  node: NodeWithDirectives,
  { kind, name }: AccessDirective,
  coordinate: string,
): readonly AccessRequirement[] {
  if (name === undefined) return [];
  return getDirectiveArguments(node, name).flatMap((args): AccessRequirement[] => {
    if (kind === 'authenticated') return [{ kind, key: kind }];
    const lists: unknown = args[kind];
    if (!isListOfNameLists(lists)) {
      throw new Error(
        `The argument "${kind}" of @${name} on ${coordinate} must be a list of lists of names. Compose the supergraph again.`,
      );
    }
    const anyOf = lists.map((names) => [...new Set(names)].sort());
    // Neither demands anything: no lists, as in Apollo's router, and a list without names.
    if (anyOf.length === 0 || anyOf.some((names) => names.length === 0)) return [];
    return [{ kind, key: `${kind} ${JSON.stringify(anyOf)}`, anyOf }];
  });
}

const isListOfNameLists = (value: unknown): value is readonly (readonly string[])[] =>
  Array.isArray(value) &&
  value.every((names) => Array.isArray(names) && names.every((name) => typeof name === 'string'));
