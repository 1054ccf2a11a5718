import {
  Kind,
  print,
  visit,
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  type FieldNode,
  type InterfaceTypeDefinitionNode,
  type ObjectTypeDefinitionNode,
  type SelectionNode,
  type TypeDefinitionNode,
} from 'graphql';
import { createSelectionSet, parseFieldSet, removeFields } from '../shared/graphql-ast.js';
import { createSubgraphView, type SubgraphView } from '../supergraph/subgraph-view.js';
import {
  getDirectiveArguments,
  getStringArgument,
  replaceTypeDefinitions,
  type SupergraphDocument,
} from '../supergraph/supergraph-document.js';
import { findFieldSetFields } from './find-field-set-fields.js';
import { parseFetchOperation, replaceFetchOperation } from './plan-nodes.js';
import type { FetchNode, KeyRenamer, PlanNode, RequiredSelection } from './query-planner.js';

/*
 * `@requires(fields: "price(currency: USD)")` on one field and `@requires(fields: "price(currency: EUR)")` on another: a
 * representation has one place for both values, and Apollo's planner requests only one of them. Before planning, each combination
 * of arguments becomes a separate field. In the plan, its name becomes an alias of the real field, and the fields that need
 * different values of one field are fetched by different requests.
 */

/** The real names of the fields that were added, by their names. */
export type SeparatedFields = ReadonlyMap<string, string>;

export interface SeparatedSupergraph {
  readonly supergraph: SupergraphDocument;
  readonly separatedFields: SeparatedFields;
}

/** Adds a field for each combination of arguments with which `@requires` directives select a field, if there are several. */
export function separateRequiredArguments(supergraph: SupergraphDocument): SeparatedSupergraph {
  const names = nameCombinations(supergraph);
  if (names.size === 0) return { supergraph, separatedFields: new Map() };
  const separatedFields = new Map(
    [...names].flatMap(([name, combinations]) =>
      [...combinations.values()].map((separateName): [string, string] => [separateName, name]),
    ),
  );
  const renamed = new Map(supergraph.types);
  for (const [typeName, type] of supergraph.types) {
    if (!isObjectOrInterface(type)) continue;
    const fields = type.fields?.map((field) => renameRequired(field, names));
    renamed.set(typeName, { ...type, ...(fields && { fields }) });
  }
  const used = findFieldSetFields(renamed, ['requires'], separatedFields);
  const types = new Map(renamed);
  for (const [typeName, type] of renamed) {
    if (!isObjectOrInterface(type)) continue;
    const fields = (type.fields ?? []).flatMap((field): FieldDefinitionNode[] => {
      const combinations = [...(names.get(field.name.value)?.values() ?? [])];
      if (combinations.length === 0) return [field];
      const isUsed = (name: string, graph: string) => used.has(`${graph}.${typeName}.${name}`);
      const copies = combinations
        .filter((name) => used.has(`${typeName}.${name}`))
        .map((name) => ({ ...field, name: { ...field.name, value: name } }));
      const hasInterfaces = (type.interfaces ?? []).length > 0;
      return [field, ...copies].map((each) =>
        each === field && hasInterfaces ? each : removeUnusedExternals(each, isUsed),
      );
    });
    types.set(typeName, { ...type, fields });
  }
  return { supergraph: replaceTypeDefinitions(supergraph, types), separatedFields };
}

const isObjectOrInterface = (
  type: TypeDefinitionNode,
): type is ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode =>
  type.kind === Kind.OBJECT_TYPE_DEFINITION || type.kind === Kind.INTERFACE_TYPE_DEFINITION;

/** A subgraph may declare a field as external only if it uses it. */
function removeUnusedExternals(
  field: FieldDefinitionNode,
  isUsed: (name: string, graph: string) => boolean,
): FieldDefinitionNode {
  const directives = field.directives?.filter((directive) => {
    const [join] = getDirectiveArguments({ directives: [directive] }, 'join__field');
    if (join?.['external'] !== true) return true;
    return isUsed(field.name.value, getStringArgument(join, 'graph') ?? '');
  });
  return { ...field, ...(directives && { directives }) };
}

/** By field name, the names of the added fields by their arguments as text. */
type CombinationNames = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Names the combinations of arguments of the fields that are required with several. */
function nameCombinations({ types }: SupergraphDocument): CombinationNames {
  const combinations = new Map<string, Set<string>>();
  const fieldNames = new Set<string>();
  for (const type of types.values()) {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION && type.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const field of type.fields ?? []) {
      fieldNames.add(field.name.value);
      for (const required of field.directives?.flatMap(getRequiredFieldSet) ?? []) {
        for (const selection of parseFieldSet(required)) {
          visit(selection, {
            Field(node) {
              const known = combinations.get(node.name.value) ?? new Set();
              combinations.set(node.name.value, known.add(printArguments(node)));
            },
          });
        }
      }
    }
  }
  const createName = (name: string, index: number): string => {
    let separateName = `${name}__${index}`;
    while (fieldNames.has(separateName)) separateName += '_';
    return separateName;
  };
  return new Map(
    [...combinations]
      .filter(([, known]) => known.size > 1)
      .map(([name, known]): [string, Map<string, string>] => [
        name,
        new Map(
          [...known]
            .filter((args) => args !== '')
            .map((args, index): [string, string] => [args, createName(name, index)]),
        ),
      ]),
  );
}

const printArguments = ({ arguments: args = [] }: FieldNode): string =>
  args
    .map((argument) => print(argument))
    .sort()
    .join();

const getRequiredFieldSet = ({ name, arguments: args = [] }: ConstDirectiveNode): string[] =>
  name.value === 'join__field'
    ? args.flatMap(({ name: argument, value }) =>
        argument.value === 'requires' && value.kind === Kind.STRING ? [value.value] : [],
      )
    : [];

/** Selects the added fields in the `@requires` of a field. */
function renameRequired(field: FieldDefinitionNode, names: CombinationNames): FieldDefinitionNode {
  if (!field.directives?.some((directive) => getRequiredFieldSet(directive).length > 0)) return field;
  const rename = (node: FieldNode): FieldNode | undefined => {
    const separateName = names.get(node.name.value)?.get(printArguments(node));
    return separateName === undefined ? undefined : { ...node, name: { ...node.name, value: separateName } };
  };
  const renameInFieldSet = (fieldSet: string): string =>
    parseFieldSet(fieldSet)
      .map((selection) => print(visit(selection, { Field: { leave: rename } })))
      .join(' ');
  const directives = field.directives.map((directive): ConstDirectiveNode => {
    if (getRequiredFieldSet(directive).length === 0) return directive;
    const args = directive.arguments?.map((argument) =>
      argument.name.value === 'requires' && argument.value.kind === Kind.STRING
        ? { ...argument, value: { ...argument.value, value: renameInFieldSet(argument.value.value) } }
        : argument,
    );
    return { ...directive, ...(args && { arguments: args }) };
  });
  return { ...field, directives };
}

/** Replaces the added fields in a fetch by the real ones. */
export type RestoreSeparatedFields = (fetch: FetchNode) => PlanNode;

export function createSeparatedFieldRestorer({
  supergraph,
  separatedFields,
}: SeparatedSupergraph): RestoreSeparatedFields {
  if (separatedFields.size === 0) return (fetch) => fetch;
  const views = new Map(
    supergraph.subgraphs.map(({ name, graph }) => [name, createSubgraphView(supergraph, graph)]),
  );
  const restore = (fetch: FetchNode): FetchNode => ({
    ...restoreInOperation(fetch, separatedFields),
    inputRewrites: [...fetch.inputRewrites, ...listRenamers(fetch.requires ?? [], separatedFields)],
  });
  return (fetch) => {
    const view = views.get(fetch.serviceName);
    const parts = view ? splitByRequiredFields(fetch, view, separatedFields) : [fetch];
    const [first = fetch] = parts;
    return parts.length > 1 ? { kind: 'Parallel', nodes: parts.map(restore) } : restore(first);
  };
}

function restoreInOperation(fetch: FetchNode, separatedFields: SeparatedFields): FetchNode {
  if (![...separatedFields.keys()].some((name) => fetch.operation.includes(name))) return fetch;
  const operation = visit(parseFetchOperation(fetch), {
    Field(node) {
      const name = separatedFields.get(node.name.value);
      return name === undefined
        ? undefined
        : { ...node, alias: node.alias ?? node.name, name: { ...node.name, value: name } };
    },
  });
  return replaceFetchOperation(fetch, operation);
}

/** Gives the values of added fields the real names in representations. */
function listRenamers(
  selections: readonly RequiredSelection[],
  separatedFields: SeparatedFields,
  path: readonly string[] = [],
): KeyRenamer[] {
  return selections.flatMap((selection): KeyRenamer[] => {
    if (selection.kind === 'InlineFragment') {
      const { typeCondition } = selection;
      const steps = typeCondition === undefined ? path : [...path, `... on ${typeCondition}`];
      return listRenamers(selection.selections, separatedFields, steps);
    }
    const key = selection.alias ?? selection.name;
    const name = separatedFields.get(selection.name);
    return [
      // The inner values are renamed first: their path has the present name.
      ...listRenamers(selection.selections ?? [], separatedFields, [...path, key]),
      ...(name === undefined
        ? []
        : [{ kind: 'KeyRenamer' as const, path: [...path, key], renameKeyTo: name }]),
    ];
  });
}

/** The fields of an entity fetch that can share a representation, and the names that they require of the real fields. */
interface CompatibleFields {
  readonly fields: Set<FieldNode>;
  readonly requiredNames: Map<string, string>;
}

/** Splits an entity fetch so that each part requires at most one value of a field. */
function splitByRequiredFields(
  fetch: FetchNode,
  view: SubgraphView,
  separatedFields: SeparatedFields,
): readonly FetchNode[] {
  const { requires } = fetch;
  if (!requires || !hasConflict(requires, separatedFields)) return [fetch];
  const operation = parseFetchOperation(fetch);
  const [entities] = operation.selectionSet.selections;
  if (entities?.kind !== Kind.FIELD || !entities.selectionSet) return [fetch];
  const reals = new Set(separatedFields.values());
  const groups: CompatibleFields[] = [];
  const collect = (selections: readonly SelectionNode[], typeName: string): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        collect(selection.selectionSet.selections, selection.typeCondition?.name.value ?? typeName);
      } else if (selection.kind === Kind.FIELD) {
        const required = view.getFields(typeName).get(selection.name.value)?.requires;
        addToGroup(groups, selection, listSeparatedNames(required, separatedFields, reals));
      }
    }
  };
  collect(entities.selectionSet.selections, '');
  const entitySelectionSet = entities.selectionSet;
  return groups.map(({ fields, requiredNames }) => {
    const kept = new Set(requiredNames.values());
    const isUnneeded = (name: string) => {
      const real = separatedFields.get(name) ?? name;
      return reals.has(real) && requiredNames.has(real) ? !kept.has(name) : separatedFields.has(name);
    };
    const topLevelFields = new Set(groups.flatMap((group) => [...group.fields]));
    const selectionSet = removeFields(
      entitySelectionSet,
      (field) => topLevelFields.has(field) && !fields.has(field),
    );
    return {
      ...keepUsedVariables(
        fetch,
        replaceFetchOperation(fetch, {
          ...operation,
          selectionSet: createSelectionSet([{ ...entities, selectionSet }]),
        }),
      ),
      requires: removeRequired(requires, isUnneeded),
    };
  });
}

/** Whether a selection of required fields has two values of one field at the same place. */
function hasConflict(selections: readonly RequiredSelection[], separatedFields: SeparatedFields): boolean {
  const names = new Map<string, Set<string>>();
  const subselections: RequiredSelection[] = [];
  const collect = (selection: RequiredSelection): void => {
    if (selection.kind === 'InlineFragment') {
      selection.selections.forEach(collect);
      return;
    }
    const real = separatedFields.get(selection.name) ?? selection.name;
    names.set(real, (names.get(real) ?? new Set()).add(selection.name));
    subselections.push(...(selection.selections ?? []));
  };
  selections.forEach(collect);
  if ([...names.values()].some(({ size }) => size > 1)) return true;
  return subselections.length > 0 && hasConflict(subselections, separatedFields);
}

/** The names, by the real ones, that a field set selects of the fields for which there are added ones. */
function listSeparatedNames(
  fieldSet: string | undefined,
  separatedFields: SeparatedFields,
  reals: ReadonlySet<string>,
): Map<string, string> {
  const names = new Map<string, string>();
  for (const selection of fieldSet === undefined ? [] : parseFieldSet(fieldSet)) {
    visit(selection, {
      Field({ name: { value: name } }) {
        const real = separatedFields.get(name) ?? name;
        if (reals.has(real)) names.set(real, name);
      },
    });
  }
  return names;
}

function addToGroup(groups: CompatibleFields[], field: FieldNode, names: ReadonlyMap<string, string>): void {
  const isCompatible = ({ requiredNames }: CompatibleFields): boolean =>
    [...names].every(([real, name]) => (requiredNames.get(real) ?? name) === name);
  let group = groups.find(isCompatible);
  if (!group) groups.push((group = { fields: new Set(), requiredNames: new Map() }));
  group.fields.add(field);
  for (const [real, name] of names) group.requiredNames.set(real, name);
}

const removeRequired = (
  selections: readonly RequiredSelection[],
  isRemoved: (name: string) => boolean,
): RequiredSelection[] =>
  selections.flatMap((selection): RequiredSelection[] => {
    if (selection.kind === 'Field' && isRemoved(selection.name)) return [];
    if (!selection.selections) return [selection];
    const inner = removeRequired(selection.selections, isRemoved);
    return inner.length > 0 ? [{ ...selection, selections: inner }] : [];
  });

/** Removes the definitions of variables that a part of an operation no longer uses. */
function keepUsedVariables(whole: FetchNode, part: FetchNode): FetchNode {
  const operation = parseFetchOperation(part);
  const used = new Set<string>();
  visit(operation, {
    VariableDefinition: () => false,
    Variable: ({ name }) => void used.add(name.value),
  });
  const { variableDefinitions = [] } = operation;
  return {
    ...replaceFetchOperation(part, {
      ...operation,
      variableDefinitions: variableDefinitions.filter(({ variable }) => used.has(variable.name.value)),
    }),
    variableUsages: whole.variableUsages.filter((name) => used.has(name)),
  };
}
