import { Kind, type SelectionSetNode } from 'graphql';
import { mapObjects, type DataObject, type GeneratedData } from './generated-data.js';
import type { SupergraphFacts } from './supergraph-facts.js';

type Representation = Readonly<Record<string, unknown>>;

/** Replaces a value that a representation lacks. */
const MISSING = '(missing)';

/**
 * Reads the selected fields from a representation, in the order of the selection and without `__typename`. Fields in a
 * fragment on a type count as selected if the representation does not name its type.
 * @param isCertain whether fields that are missing in the representation are marked as missing
 */
export function pickRepresentationFields(
  facts: SupergraphFacts,
  representation: Representation,
  { selections }: SelectionSetNode,
  isCertain = true,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const selection of selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value;
      const type = representation['__typename'];
      const isKnown = condition === undefined || typeof type === 'string';
      if (condition === undefined || !isKnown || facts.getObjectTypes(condition).includes(type as string)) {
        Object.assign(
          result,
          pickRepresentationFields(facts, representation, selection.selectionSet, isKnown),
        );
      }
    } else if (selection.kind === Kind.FIELD && selection.name.value !== '__typename') {
      const name = selection.name.value;
      const value = representation[name];
      if (value === undefined && !isCertain) continue;
      const inner = selection.selectionSet;
      if (value === undefined) result[name] = MISSING;
      else if (!inner) result[name] = value;
      else
        result[name] = mapObjects(value, (object) =>
          pickRepresentationFields(facts, object as Representation, inner),
        );
    }
  }
  return result;
}

/** @throws Error if no entity has the keys of the representation, or it has no key of the subgraph */
export function findEntity(
  facts: SupergraphFacts,
  data: GeneratedData,
  subgraph: string,
  representation: Representation,
): DataObject {
  const type = String(representation['__typename']);
  const keys = facts.getKeys(subgraph, type);
  const isMatch = (entity: DataObject) =>
    keys.some(
      (key) =>
        JSON.stringify(pickRepresentationFields(facts, representation, key)) ===
        JSON.stringify(data.selectFields(entity, key)),
    );
  const entity = data.getEntities(type).find(isMatch);
  if (!entity) throw new Error(`${subgraph} has no ${type} with the keys ${JSON.stringify(representation)}.`);
  return { ...entity, representation };
}
