import {
  Kind,
  print,
  stripIgnoredCharacters,
  type FieldNode,
  type NameNode,
  type OperationDefinitionNode,
  type VariableDefinitionNode,
  type VariableNode,
} from 'graphql';
import { createSubgraphOperation, type SubgraphOperation } from '../data-sources/data-source.js';
import { createSelectionSet, parseSingleOperation, REPRESENTATIONS_VARIABLE } from '../shared/graphql-ast.js';
import type { CompiledFetch } from './compile-fetch.js';
import { getEntitiesField, mergeVariableDefinitions } from './entities-operation.js';

/** One operation that requests the entities of several fetches, each under its own alias. */
export interface JoinedOperation {
  readonly operation: SubgraphOperation;
  /** The client's variables of all fetches, each once. See `CompiledFetch`. */
  readonly variableKeys: CompiledFetch['variableKeys'];
  /** In the order of the fetches. */
  readonly parts: readonly JoinedOperationPart[];
}

/** The place of one fetch in a joined operation. */
export interface JoinedOperationPart {
  /** The response key of its entities. */
  readonly alias: string;
  /** The variable of its representations, with its key as JSON text: `"name":`. */
  readonly representationsKey: string;
}

/**
 * Joins the operations of entity fetches to one subgraph:
 * `{ _0: _entities(representations: $representations_0) { … } _1: _entities(representations: $representations_1) { … } }`
 * @returns `undefined` if they cannot be one operation
 */
export function joinOperations(fetches: readonly CompiledFetch[]): JoinedOperation | undefined {
  const operations = fetches.map(({ operation }) => parseSingleOperation(operation.query));
  const [firstFetch] = fetches;
  const [firstOperation] = operations;
  const definitions = mergeVariableDefinitions(operations);
  if (!firstFetch || !firstOperation || !definitions) return undefined;
  const fields: FieldNode[] = [];
  const representationVariables: VariableDefinitionNode[] = [];
  const parts: JoinedOperationPart[] = [];
  for (const [index, operation] of operations.entries()) {
    const field = getEntitiesField(operation);
    if (!field) return undefined;
    const alias = `_${index}`;
    let variableName = `${REPRESENTATIONS_VARIABLE}${alias}`;
    while (definitions.has(variableName)) variableName += '_';
    fields.push(renameEntitiesField(field, alias, variableName));
    for (const definition of operation.variableDefinitions ?? []) {
      if (isRepresentations(definition)) {
        representationVariables.push({ ...definition, variable: createVariable(variableName) });
      }
    }
    parts.push({ alias, representationsKey: `${JSON.stringify(variableName)}:` });
  }
  const joined: OperationDefinitionNode = {
    ...firstOperation,
    variableDefinitions: [
      ...representationVariables,
      ...[...definitions.values()].filter((definition) => !isRepresentations(definition)),
    ],
    selectionSet: createSelectionSet(fields),
  };
  return {
    operation: createSubgraphOperation(
      'query',
      stripIgnoredCharacters(print(joined)),
      firstFetch.operation.operationName,
      findCommonPath(fetches.map(({ operation }) => operation.path)),
    ),
    variableKeys: [...new Map(fetches.flatMap(({ variableKeys }) => variableKeys))],
    parts,
  };
}

const isRepresentations = ({ variable }: VariableDefinitionNode): boolean =>
  variable.name.value === REPRESENTATIONS_VARIABLE;

const createName = (value: string): NameNode => ({ kind: Kind.NAME, value });

const createVariable = (name: string): VariableNode => ({ kind: Kind.VARIABLE, name: createName(name) });

const renameEntitiesField = (field: FieldNode, alias: string, variableName: string): FieldNode => ({
  ...field,
  alias: createName(alias),
  arguments: [
    {
      kind: Kind.ARGUMENT,
      name: createName(REPRESENTATIONS_VARIABLE),
      value: createVariable(variableName),
    },
  ],
});

/** The response keys with which all paths begin. */
function findCommonPath([first = [], ...others]: readonly (readonly string[])[]): readonly string[] {
  const length = first.findIndex((step, index) => others.some((path) => path[index] !== step));
  return length < 0 ? first : first.slice(0, length);
}
