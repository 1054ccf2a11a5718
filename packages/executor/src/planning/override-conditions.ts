import { Kind } from 'graphql';
import { forEachSelection } from '../shared/graphql-ast.js';
import {
  getDirectiveArguments,
  getStringArgument,
  type SupergraphDocument,
} from '../supergraph/supergraph-document.js';
import type { QueryPlanner, VariableValues } from './query-planner.js';
import type { ImplicitFields } from './rename-colliding-names.js';

/*
 * Progressive overrides: while a label of `@override(from:, label:)` is active, the field is fetched from the new subgraph.
 * https://www.apollographql.com/docs/graphos/schema-design/guides/migrate-fields
 */

const PREFIX = '@override ';

/** The name of a label among the condition values of an operation. No variable can have this name. */
export const getOverrideCondition = (label: string): string => `${PREFIX}${label}`;

/** Reads whether labels are active from the condition values of an operation. */
export const readOverrideConditions = (conditionValues: VariableValues): Map<string, boolean> =>
  new Map(
    Object.entries(conditionValues)
      .filter(([name]) => name.startsWith(PREFIX))
      .map(([name, value]) => [name.slice(PREFIX.length), value === true]),
  );

/** Plans can fetch required fields and keys that the client does not select: the labels of these concern every operation. */
export function createOverrideLabelFinder(
  { types }: SupergraphDocument,
  implicitFields: ImplicitFields,
): QueryPlanner['findOverrideLabels'] {
  const fieldsByLabel = new Map<string, Set<string>>();
  for (const type of types.values()) {
    if (!('fields' in type)) continue;
    for (const field of type.fields ?? []) {
      for (const join of getDirectiveArguments(field, 'join__field')) {
        const label = getStringArgument(join, 'overrideLabel');
        if (label === undefined) continue;
        const fields = fieldsByLabel.get(label) ?? new Set();
        fieldsByLabel.set(label, fields.add(field.name.value));
      }
    }
  }
  if (fieldsByLabel.size === 0) return () => [];
  return (operation) => {
    const names = new Set(implicitFields.names);
    forEachSelection(operation, (selection) => {
      if (selection.kind === Kind.FIELD) names.add(selection.name.value);
    });
    return [...fieldsByLabel]
      .filter(([, fields]) => [...fields].some((field) => names.has(field)))
      .map(([label]) => label);
  };
}

/**
 * Evaluates the labels of one request. All percentages of a request are compared with one random number, so that an operation has
 * at most one plan more than there are percentages.
 * @param isActive decides about a label. If it returns `undefined`, a percentage decides; any other label is inactive
 * @param random from 0, up to but not including 1
 */
export function evaluateOverrideLabels(
  labels: readonly string[],
  isActive: ((label: string) => boolean | undefined) | undefined,
  // eslint-disable-next-line no-restricted-properties -- a share of the requests is chosen at random
  random = Math.random(),
): Record<string, boolean> {
  return Object.fromEntries(
    labels.map((label) => [
      getOverrideCondition(label),
      isActive?.(label) ?? random * 100 < getPercentage(label),
    ]),
  );
}

/** `percent(5)` is active for 5 % of the requests. */
const getPercentage = (label: string): number => Number(/^percent\((\d+(?:\.\d+)?)\)$/.exec(label)?.[1] ?? 0);
