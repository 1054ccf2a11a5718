import {
  Kind,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  type TypeDefinitionNode,
} from 'graphql';
import { findDirectiveName } from './linked-directives.js';
import {
  getDirectiveArguments,
  type DirectiveArguments,
  type NodeWithDirectives,
  type SupergraphDocument,
} from './supergraph-document.js';

/*
 * Reads the directives `@cost` and `@listSize` of a supergraph: https://ibm.github.io/graphql-specs/cost-spec.html, in the
 * form that subgraphs import from federation 2.9: https://specs.apollo.dev/cost/v0.1/
 */

export const COST_SPEC_URL = 'https://specs.apollo.dev/cost/';

/** What a schema says about the number of elements in the list of a field: `@listSize`. */
export interface ListSize {
  /** The number of elements if no slicing argument has a value. */
  readonly assumedSize: number | undefined;
  /** Names of arguments whose value limits the number of elements. A path such as `input.first` leads into an input object. */
  readonly slicingArguments: readonly string[];
  /** Fields of the returned object that are the list, as paths such as `nodes` or `results.nodes`. Empty: the field itself is. */
  readonly sizedFields: readonly string[];
  /** An operation must give exactly one slicing argument. */
  readonly requireOneSlicingArgument: boolean;
}

/** The costs that a supergraph declares. What it does not declare has a default. */
export interface CostModel {
  /** `@cost` of types, by name. */
  readonly typeWeights: ReadonlyMap<string, number>;
  /** `@cost` of fields and of input fields, by coordinate such as `Query.rules`. */
  readonly fieldWeights: ReadonlyMap<string, number>;
  /** `@cost` of arguments, by coordinate such as `Query.rules(filter:)`. */
  readonly argumentWeights: ReadonlyMap<string, number>;
  /** `@listSize` by coordinate of the field. */
  readonly listSizes: ReadonlyMap<string, ListSize>;
  /** The names of all slicing arguments, of any field. Of a path into an input object, the name of the argument. */
  readonly slicingArguments: ReadonlySet<string>;
  /** Names of the types with a cost of their own, or of one of their fields. */
  readonly typesWithCosts: ReadonlySet<string>;
  /** Whether input fields have costs: the cost of an operation then depends on its input objects. */
  readonly hasInputWeights: boolean;
}

export const getFieldCoordinate = (typeName: string, fieldName: string): string => `${typeName}.${fieldName}`;
export const getArgumentCoordinate = (typeName: string, fieldName: string, argument: string): string =>
  `${typeName}.${fieldName}(${argument}:)`;

/** Reads the declared costs of a supergraph. Declarations that are not valid are ignored. */
export function readCostModel({ document, types }: SupergraphDocument): CostModel {
  const costDirective = findDirectiveName(document, COST_SPEC_URL, 'cost');
  const listSizeDirective = findDirectiveName(document, COST_SPEC_URL, 'listSize');
  const typeWeights = new Map<string, number>();
  const fieldWeights = new Map<string, number>();
  const argumentWeights = new Map<string, number>();
  const listSizes = new Map<string, ListSize>();
  let hasInputWeights = false;

  const readWeight = (node: NodeWithDirectives, key: string, weights: Map<string, number>): boolean => {
    const [cost] = costDirective === undefined ? [] : getDirectiveArguments(node, costDirective);
    const weight = Number(cost?.['weight'] ?? Number.NaN);
    if (Number.isFinite(weight) && weight >= 0) weights.set(key, weight);
    return weights.has(key);
  };
  const readField = (typeName: string, field: FieldDefinitionNode): void => {
    const coordinate = getFieldCoordinate(typeName, field.name.value);
    readWeight(field, coordinate, fieldWeights);
    for (const argument of field.arguments ?? []) {
      const key = getArgumentCoordinate(typeName, field.name.value, argument.name.value);
      readWeight(argument, key, argumentWeights);
    }
    const [listSize] = listSizeDirective === undefined ? [] : getDirectiveArguments(field, listSizeDirective);
    if (listSize) listSizes.set(coordinate, readListSize(listSize));
  };
  const readInputField = (typeName: string, field: InputValueDefinitionNode): void => {
    const coordinate = getFieldCoordinate(typeName, field.name.value);
    if (readWeight(field, coordinate, fieldWeights)) hasInputWeights = true;
  };

  for (const type of types.values()) {
    const name = type.name.value;
    const hasWeight = readWeight(type, name, typeWeights);
    if (type.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) {
      if (hasWeight) hasInputWeights = true;
      for (const field of type.fields ?? []) readInputField(name, field);
    } else for (const field of listFields(type)) readField(name, field);
  }
  const declared = [typeWeights, fieldWeights, argumentWeights, listSizes].flatMap((costs) => [
    ...costs.keys(),
  ]);
  const slicingPaths = [...listSizes.values()].flatMap(({ slicingArguments }) => slicingArguments);
  return {
    typeWeights,
    fieldWeights,
    argumentWeights,
    listSizes,
    slicingArguments: new Set(slicingPaths.map(getFirstPart)),
    typesWithCosts: new Set(declared.map(getFirstPart)),
    hasInputWeights,
  };
}

const getFirstPart = (path: string): string => path.split('.', 1)[0] ?? '';

const listFields = (type: TypeDefinitionNode): readonly FieldDefinitionNode[] =>
  type.kind === Kind.OBJECT_TYPE_DEFINITION || type.kind === Kind.INTERFACE_TYPE_DEFINITION
    ? (type.fields ?? [])
    : [];

function readListSize(args: DirectiveArguments): ListSize {
  const { assumedSize } = args;
  return {
    assumedSize: typeof assumedSize === 'number' && assumedSize >= 0 ? assumedSize : undefined,
    slicingArguments: readNames(args['slicingArguments']),
    sizedFields: readNames(args['sizedFields']).map(toFieldPath),
    requireOneSlicingArgument: args['requireOneSlicingArgument'] !== false,
  };
}

/** Turns the selection `results { nodes }` into the path `results.nodes`. */
const toFieldPath = (selection: string): string => (selection.match(/\w+/g) ?? []).join('.');

const readNames = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((name) => typeof name === 'string');
