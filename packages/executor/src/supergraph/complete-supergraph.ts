import {
  isTypeDefinitionNode,
  Kind,
  parse,
  type ConstDirectiveNode,
  type DocumentNode,
  type TypeDefinitionNode,
  type TypeNode,
} from 'graphql';

/*
 * Adds to a supergraph what some composers and people leave out because it is clear from the rest. Apollo's library refuses a
 * supergraph without it.
 */

const GRAPH_ENUM = 'join__Graph';
const JOIN_TYPE = 'join__type';

/** Kinds of types that only matter where a field uses them. */
const COMPLETABLE_KINDS: ReadonlySet<Kind> = new Set([
  Kind.SCALAR_TYPE_DEFINITION,
  Kind.ENUM_TYPE_DEFINITION,
  Kind.INPUT_OBJECT_TYPE_DEFINITION,
]);

/** Adds the definition of `@oneOf` if it is missing, and `@join__type` to types whose subgraphs are clear without it. */
export const completeSupergraph = (document: DocumentNode): DocumentNode =>
  addJoinTypes(defineOneOf(document));

/** Defines `@oneOf` if it is only used: SDL may leave out the definitions of built-in directives. */
function defineOneOf(document: DocumentNode): DocumentNode {
  const isUsed = document.definitions.some(
    (definition) =>
      definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION && hasDirective(definition, 'oneOf'),
  );
  const isDefined = document.definitions.some(
    (definition) => definition.kind === Kind.DIRECTIVE_DEFINITION && definition.name.value === 'oneOf',
  );
  if (!isUsed || isDefined) return document;
  const { definitions } = parse('directive @oneOf on INPUT_OBJECT', { noLocation: true });
  return { ...document, definitions: [...document.definitions, ...definitions] };
}

/** Whether all types have `@join__type`. In supergraphs of Federation 1, only entities have it. */
const joinsAllTypes = ({ definitions }: DocumentNode): boolean =>
  definitions.some(
    (definition) =>
      definition.kind === Kind.DIRECTIVE_DEFINITION &&
      definition.name.value === JOIN_TYPE &&
      definition.locations.some(({ value }) => value === 'SCALAR'),
  );

/**
 * Adds `@join__type` to scalars, enums, input objects and root types that have none: for all subgraphs that can define them. A subgraph
 * that does not define such a type has no field that uses it, so no plan changes. Of a root type, each field must name its subgraph,
 * unless there is only one.
 */
function addJoinTypes(document: DocumentNode): DocumentNode {
  const types = new Map(
    document.definitions.filter(isTypeDefinitionNode).map((type) => [type.name.value, type]),
  );
  const graphEnum = types.get(GRAPH_ENUM);
  if (!joinsAllTypes(document) || graphEnum?.kind !== Kind.ENUM_TYPE_DEFINITION) return document;
  const graphs = (graphEnum.values ?? []).map(({ name }) => name.value);
  const rootTypes = new Set(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.SCHEMA_DEFINITION
        ? definition.operationTypes.map(({ type }) => type.name.value)
        : [],
    ),
  );

  /** Of input objects without @join__type. */
  const inputGraphs = new Map<string, readonly string[]>();
  /** The subgraphs that can define a type. */
  const listGraphs = (type: TypeDefinitionNode): readonly string[] => {
    const name = type.name.value;
    if (hasDirective(type, JOIN_TYPE)) return readJoinedGraphs(type);
    if (type.kind !== Kind.INPUT_OBJECT_TYPE_DEFINITION) return graphs;
    const known = inputGraphs.get(name);
    if (known) return known;
    // A type that contains itself restricts nothing.
    inputGraphs.set(name, graphs);
    const fieldTypes = (type.fields ?? []).flatMap((field) => types.get(getTypeName(field.type)) ?? []);
    const common = fieldTypes
      .map(listGraphs)
      .reduce((left, right) => left.filter((graph) => right.includes(graph)), graphs);
    inputGraphs.set(name, common);
    return common;
  };

  const isCompletable = (type: TypeDefinitionNode): boolean => {
    if (type.name.value.includes('__') || hasDirective(type, JOIN_TYPE)) return false;
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION) return COMPLETABLE_KINDS.has(type.kind);
    if (!rootTypes.has(type.name.value)) return false;
    return graphs.length === 1 || (type.fields ?? []).every((field) => hasDirective(field, 'join__field'));
  };

  return {
    ...document,
    definitions: document.definitions.map((definition) =>
      isTypeDefinitionNode(definition) && isCompletable(definition)
        ? {
            ...definition,
            directives: [...(definition.directives ?? []), ...listGraphs(definition).map(createJoinType)],
          }
        : definition,
    ),
  };
}

const readJoinedGraphs = ({ directives = [] }: TypeDefinitionNode): readonly string[] =>
  directives.flatMap(({ name, arguments: args = [] }) =>
    name.value === JOIN_TYPE
      ? args.flatMap(({ value }) => (value.kind === Kind.ENUM ? [value.value] : []))
      : [],
  );

const getTypeName = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : getTypeName(type.type);

const hasDirective = (node: object, directive: string): boolean =>
  (node as { directives?: readonly ConstDirectiveNode[] }).directives?.some(
    ({ name }) => name.value === directive,
  ) ?? false;

const createJoinType = (graph: string): ConstDirectiveNode => ({
  kind: Kind.DIRECTIVE,
  name: { kind: Kind.NAME, value: JOIN_TYPE },
  arguments: [
    {
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: 'graph' },
      value: { kind: Kind.ENUM, value: graph },
    },
  ],
});
