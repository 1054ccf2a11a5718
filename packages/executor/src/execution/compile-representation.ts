import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import type { TypeConditions } from '../supergraph/type-conditions.js';
import type { Container, Fault, Faults } from './field-errors.js';
import { isTree, valueAt, type Tree } from './tree.js';

/** Tells an absence from every value of JSON. */
const ABSENCE = Symbol('absence');

/** What a fetch requires is not all there. */
export interface Absence {
  readonly [ABSENCE]: true;
  /** Why, where that is known. */
  readonly faults: readonly Fault[];
}

/**
 * Copies what a fetch requires of an object into another.
 * @returns undefined where all of it was there
 */
export type Project = (source: Tree, into: Tree, faults: Faults | undefined) => Absence | undefined;

export function compileRequires(requires: readonly QueryPlanSelectionNode[], types: TypeConditions): Project {
  const parts = requires.map((node): Project => {
    if (node.kind === 'Field') return projectField(node.alias ?? node.name, node.selections, types);
    const { typeCondition: condition } = node;
    const project = compileRequires(node.selections, types);
    if (condition === undefined) return project;
    return (source, into, faults) => {
      const { __typename: type } = source;
      if (types.meets(type, condition)) return project(source, into, faults);
      const why = type === undefined ? faults?.at(source, '__typename') : undefined;
      return why && { [ABSENCE]: true, faults: why };
    };
  });
  const [only] = parts;
  if (only && parts.length === 1) return only;
  return (source, into, faults) => {
    for (const part of parts) {
      const absence = part(source, into, faults);
      if (absence) return absence;
    }
    return undefined;
  };
}

function projectField(
  name: string,
  selections: readonly QueryPlanSelectionNode[] | undefined,
  types: TypeConditions,
): Project {
  const inner = selections && compileRequires(selections, types);
  return (source, into, faults) => {
    const value = valueAt(source, name);
    const absence = absenceAt(source, name, value, faults);
    if (absence) return absence;
    const copy = inner ? projectValue(value, valueAt(into, name), inner, faults) : value;
    if (isAbsence(copy)) return copy;
    into[name] = copy;
    return undefined;
  };
}

/** @param begun what another part of the same selection has copied */
function projectValue(value: unknown, begun: unknown, project: Project, faults: Faults | undefined): unknown {
  if (Array.isArray(value)) {
    const copies: unknown[] = [];
    for (const [index, element] of value.entries()) {
      const absence = absenceAt(value, index, element, faults);
      if (absence) return absence;
      const copy = projectValue(element, Array.isArray(begun) ? begun[index] : undefined, project, faults);
      if (isAbsence(copy)) return copy;
      copies.push(copy);
    }
    return copies;
  }
  if (!isTree(value)) return value;
  const copy = isTree(begun) ? begun : {};
  return project(value, copy, faults) ?? copy;
}

/** A null counts as absent where an error put it there: nothing is to be computed from it. */
function absenceAt(
  container: Container,
  key: string | number,
  value: unknown,
  faults: Faults | undefined,
): Absence | undefined {
  if (value !== undefined && value !== null) return undefined;
  const why = faults?.at(container, key);
  return why || value === undefined ? { [ABSENCE]: true, faults: why ?? [] } : undefined;
}

const isAbsence = (value: unknown): value is Absence =>
  typeof value === 'object' && value !== null && ABSENCE in value;
