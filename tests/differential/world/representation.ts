import { Kind, type SelectionSetNode } from 'graphql';
import type { Facts } from './facts.js';
import { each, type Thing, type Values } from './values.js';

type Representation = Readonly<Record<string, unknown>>;

/** Stands for what a representation should say and does not. */
const MISSING = '(missing)';

/**
 * @returns what a representation says of what is selected, in the order of the selection and without `__typename`.
 *   Where it does not say of which type an object is, what it says is taken for what is selected of its type.
 */
export function told(
  facts: Facts,
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
      if (condition === undefined || !isKnown || facts.objects(condition).includes(type as string)) {
        Object.assign(result, told(facts, representation, selection.selectionSet, isKnown));
      }
    } else if (selection.kind === Kind.FIELD && selection.name.value !== '__typename') {
      const name = selection.name.value;
      const value = representation[name];
      if (value === undefined && !isCertain) continue;
      const inner = selection.selectionSet;
      if (value === undefined) result[name] = MISSING;
      else result[name] = inner ? each(value, (one) => told(facts, one as Representation, inner)) : value;
    }
  }
  return result;
}

/** @throws Error where a representation has no key of the subgraph, or one that no entity has */
export function findThing(
  facts: Facts,
  values: Values,
  subgraph: string,
  representation: Representation,
): Thing {
  const type = String(representation['__typename']);
  const keys = facts.keys(subgraph, type);
  const text = (selected: object) => JSON.stringify(selected);
  const found = values
    .pool(type)
    .find((thing) =>
      keys.some((key) => text(told(facts, representation, key)) === text(values.select(thing, key))),
    );
  if (!found) throw new Error(`${subgraph} has no ${type} of the key ${JSON.stringify(representation)}.`);
  return { ...found, representation };
}
