import {
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type SelectionSetNode,
} from 'graphql';
import { createCodedError } from '../shared/errors.js';
import { getResponseKey, indexFragments } from '../shared/graphql-ast.js';

/**
 * Maximum number of comparisons with which validation checks that equal response keys can be merged. graphql-js compares each
 * pair of fields that have the same place in the response, and each pair of fragments.
 */
const MAX_COMPARISONS = 100_000;
/** What the comparison of two objects takes, in comparisons of scalars. */
const OBJECT_WEIGHT = 4;
/** Maximum number of selections that are visited to count the comparisons. */
const MAX_VISITED_SELECTIONS = 50_000;
/** Characters of arguments whose comparison takes as long as that of a field. */
const ARGUMENT_CHARACTERS_PER_COMPARISON = 10;

/** The fields with one response key at one place of the response. */
interface MergedFields {
  count: number;
  /** What the comparison of their arguments takes, in comparisons. */
  argumentWeight: number;
  readonly selectionSets: SelectionSetNode[];
}

/**
 * Checks that the fields of a document can be merged with a bounded number of comparisons
 * (https://spec.graphql.org/October2021/#sec-Field-Selection-Merging).
 * @param document need not be valid, but its fragments have no cycle
 * @returns the error if there are too many
 */
export function checkFieldMerging(document: DocumentNode): GraphQLError | undefined {
  const fragments = indexFragments(document);
  const reachedFragments = new Set<string>();
  let visitedSelections = 0;
  let comparisons = 0;
  const exceedsLimit = () => comparisons > MAX_COMPARISONS || visitedSelections > MAX_VISITED_SELECTIONS;

  const countAt = (selectionSets: readonly SelectionSetNode[]): void => {
    const fieldsByKey = new Map<string, MergedFields>();
    let spreads = 0;
    const collect = ({ selections }: SelectionSetNode): void => {
      for (const selection of selections) {
        visitedSelections += 1;
        if (exceedsLimit()) return;
        if (selection.kind === Kind.FIELD) addField(fieldsByKey, selection);
        else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
        else {
          spreads += 1;
          reachedFragments.add(selection.name.value);
          const fragment = fragments.get(selection.name.value);
          if (fragment) collect(fragment.selectionSet);
        }
      }
    };
    selectionSets.forEach(collect);
    comparisons += spreads * (spreads + fieldsByKey.size);
    for (const { count, argumentWeight, selectionSets: subselections } of fieldsByKey.values()) {
      const pairWeight = subselections.length > 0 ? OBJECT_WEIGHT : 1;
      comparisons += (count - 1) * ((count / 2) * pairWeight + argumentWeight);
    }
    for (const { selectionSets: subselections } of fieldsByKey.values()) {
      if (exceedsLimit()) return;
      if (subselections.length > 0) countAt(subselections);
    }
  };

  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) countAt([definition.selectionSet]);
  }
  for (const [name, { selectionSet }] of fragments) {
    if (!reachedFragments.has(name)) countAt([selectionSet]);
  }
  if (!exceedsLimit()) return undefined;
  return createCodedError(
    'OPERATION_TOO_COMPLEX',
    'The document selects the same response keys, or spreads fragments, too often at the same place. Select each field once.',
  );
}

function addField(fieldsByKey: Map<string, MergedFields>, field: FieldNode): void {
  const key = getResponseKey(field);
  let fields = fieldsByKey.get(key);
  if (!fields) fieldsByKey.set(key, (fields = { count: 0, argumentWeight: 0, selectionSets: [] }));
  fields.count += 1;
  fields.argumentWeight += getArgumentLength(field) / ARGUMENT_CHARACTERS_PER_COMPARISON;
  if (field.selectionSet) fields.selectionSets.push(field.selectionSet);
}

const getArgumentLength = ({ arguments: args = [] }: FieldNode): number =>
  (args.at(-1)?.loc?.end ?? 0) - (args[0]?.loc?.start ?? 0);

/** Whether a fragment spreads itself, directly or through others. */
export function hasFragmentCycle(document: DocumentNode): boolean {
  const fragments = indexFragments(document);
  const states = new Map<string, 'visiting' | 'visited'>();
  const visitSelections = ({ selections }: SelectionSetNode): boolean =>
    selections.some((selection) => {
      if (selection.kind !== Kind.FRAGMENT_SPREAD) {
        return selection.selectionSet !== undefined && visitSelections(selection.selectionSet);
      }
      const fragment = fragments.get(selection.name.value);
      return fragment !== undefined && visitFragment(fragment);
    });
  const visitFragment = ({ name, selectionSet }: FragmentDefinitionNode): boolean => {
    const state = states.get(name.value);
    if (state) return state === 'visiting';
    states.set(name.value, 'visiting');
    const isCyclic = visitSelections(selectionSet);
    states.set(name.value, 'visited');
    return isCyclic;
  };
  return [...fragments.values()].some(visitFragment);
}
