import {
  Kind,
  visit,
  type DocumentNode,
  type FieldNode,
  type NameNode,
  type OperationDefinitionNode,
} from 'graphql';
import {
  forEachSelection,
  getResponseKey,
  indexFragments,
  isIntrospectionField,
  parseFieldSet,
  REPRESENTATIONS_VARIABLE,
  WITHOUT_VALUES,
} from '../shared/graphql-ast.js';
import { hasDivergentFields, printField } from './has-divergent-fields.js';
import type { RenamedVariable, VariableValues } from './query-planner.js';

/** The fields that a plan can fetch although the client does not select them: those in keys, `@requires` and `@provides`. */
export interface ImplicitFields {
  readonly names: ReadonlySet<string>;
  /** The subset of `names` that is fetched with arguments somewhere. */
  readonly namesWithArguments: ReadonlySet<string>;
}

const FIELD_SET_ARGUMENTS: ReadonlySet<string> = new Set(['key', 'requires', 'provides']);

/** Finds the fields in the field sets of a supergraph's join directives. */
export function findImplicitFields(supergraph: DocumentNode): ImplicitFields {
  // A response key __proto__ would set the prototype of the response object.
  const names = new Set(['__typename', '__proto__']);
  const namesWithArguments = new Set<string>();
  visit(supergraph, {
    Directive({ name, arguments: args = [] }) {
      if (!name.value.startsWith('join__')) return;
      for (const { name: argument, value } of args) {
        if (!FIELD_SET_ARGUMENTS.has(argument.value) || value.kind !== Kind.STRING) continue;
        for (const selection of parseFieldSet(value.value)) {
          visit(selection, {
            Field(field) {
              names.add(field.name.value);
              if (field.arguments && field.arguments.length > 0) namesWithArguments.add(field.name.value);
            },
          });
        }
      }
    },
  });
  return { names, namesWithArguments };
}

/**
 * Renames the response keys of the client that collide with fields that the plan fetches for itself. Otherwise Apollo's
 * planner takes the client's value for its own (https://github.com/apollographql/federation/issues/3036), or returns its
 * own value to the client (https://github.com/apollographql/federation/issues/2996).
 * @returns the document, and the client's response keys by their new keys
 */
export function renameCollidingResponseKeys(
  document: DocumentNode,
  implicitFields: ImplicitFields,
): { readonly document: DocumentNode; readonly clientResponseKeys: ReadonlyMap<string, string> } {
  const clientResponseKeys = new Map<string, string>();
  const isColliding = (field: FieldNode) =>
    implicitFields.names.has(getResponseKey(field)) && !isImplicitField(field, implicitFields);
  const fields: FieldNode[] = [];
  let introspectionDepth = 0;
  forEachSelection(document, (selection) => {
    if (selection.kind === Kind.FIELD) fields.push(selection);
  });
  if (!fields.some(isColliding)) return { document, clientResponseKeys };
  const suffix = findUnusedSuffix(new Set(fields.map(getResponseKey)));
  const renamed = visit(document, {
    ...WITHOUT_VALUES,
    // No plan has the fields of the introspection system.
    FragmentDefinition: ({ typeCondition }) =>
      typeCondition.name.value.startsWith('__') ? false : undefined,
    Field: {
      enter(node) {
        const isInsideIntrospection = introspectionDepth > 0;
        if (isInsideIntrospection || isIntrospectionField(node)) introspectionDepth += 1;
        if (isInsideIntrospection || !isColliding(node)) return undefined;
        const key = getResponseKey(node);
        const newKey = `${key}${suffix}`;
        clientResponseKeys.set(newKey, key);
        const alias: NameNode = { kind: Kind.NAME, value: newKey };
        return { ...node, alias };
      },
      leave() {
        if (introspectionDepth > 0) introspectionDepth -= 1;
      },
    },
  });
  return { document: renamed, clientResponseKeys };
}

/**
 * Gives each field, and each combination of its arguments, a separate response key. A subgraph with `@interfaceObject` does not know
 * the object types of the interface, so that it cannot have different values under one key for them.
 * @returns the document, and the client's response keys by their new keys
 */
export function renameDivergentResponseKeys(
  document: DocumentNode,
  operation: OperationDefinitionNode,
): { readonly document: DocumentNode; readonly clientResponseKeys: ReadonlyMap<string, string> } {
  const clientResponseKeys = new Map<string, string>();
  if (!hasDivergentFields(operation.selectionSet, indexFragments(document))) {
    return { document, clientResponseKeys };
  }
  const fieldsByKey = new Map<string, string[]>();
  forEachSelection(document, (selection) => {
    if (selection.kind !== Kind.FIELD) return;
    const key = getResponseKey(selection);
    const fields = fieldsByKey.get(key) ?? [];
    const field = printField(selection);
    if (!fields.includes(field)) fields.push(field);
    fieldsByKey.set(key, fields);
  });
  const suffix = findUnusedSuffix(new Set([...fieldsByKey.keys()].map((key) => key.replace(/\d+$/, ''))));
  const renamed = visit(document, {
    ...WITHOUT_VALUES,
    Field(node) {
      const key = getResponseKey(node);
      const fields = fieldsByKey.get(key) ?? [];
      const index = fields.length > 1 ? fields.indexOf(printField(node)) : 0;
      if (index < 1) return undefined;
      const newKey = `${key}${suffix}${index}`;
      clientResponseKeys.set(newKey, key);
      return { ...node, alias: { kind: Kind.NAME as const, value: newKey } };
    },
  });
  return { document: renamed, clientResponseKeys };
}

/** Whether the field has the same value as the one that the plan fetches under its response key. */
const isImplicitField = (
  { name, alias, arguments: args = [] }: FieldNode,
  { namesWithArguments }: ImplicitFields,
): boolean =>
  (alias === undefined || alias.value === name.value) &&
  args.length === 0 &&
  !namesWithArguments.has(name.value);

/** Finds a suffix with which no key ends. */
function findUnusedSuffix(keys: ReadonlySet<string>): string {
  let suffix = '_';
  while ([...keys].some((key) => key.endsWith(suffix))) suffix += '_';
  return suffix;
}

/**
 * Renames a client's variable that is called `representations`, which fetches of entities use.
 * @param document valid: it defines the variables that it uses
 */
export function renameRepresentationsVariable(document: DocumentNode): {
  readonly document: DocumentNode;
  readonly renamedVariable: RenamedVariable | undefined;
} {
  const names = new Set<string>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const { variable } of definition.variableDefinitions ?? []) names.add(variable.name.value);
  }
  if (!names.has(REPRESENTATIONS_VARIABLE)) return { document, renamedVariable: undefined };
  let planName = `${REPRESENTATIONS_VARIABLE}_`;
  while (names.has(planName)) planName += '_';
  return {
    document: visit(document, {
      Variable: (node) =>
        node.name.value === REPRESENTATIONS_VARIABLE
          ? { ...node, name: { ...node.name, value: planName } }
          : undefined,
    }),
    renamedVariable: { clientName: REPRESENTATIONS_VARIABLE, planName },
  };
}

/** Returns the values under the names that the plan uses. */
export function renameVariableValues(
  values: VariableValues,
  { clientName, planName }: RenamedVariable,
): VariableValues {
  const { [clientName]: value, ...others } = values;
  const renamed = value === undefined ? others : { ...others, [planName]: value };
  // Values without a prototype stay so: a variable can have the name of an inherited property.
  return Object.setPrototypeOf(renamed, Object.getPrototypeOf(values) as object | null) as VariableValues;
}
