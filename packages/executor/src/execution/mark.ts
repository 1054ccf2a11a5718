import {
  createFaults,
  type Container,
  type Fault,
  type Faults,
  type Marking,
  type Path,
} from './field-errors.js';
import type { Run } from './execution-state.js';
import type { Selected } from './selected.js';
import { isTree, type Tree } from './tree.js';

/** Marks the tree as it is, for the fetches that follow, and as it will be, for the answer. */
export function mark(run: Run, marking: Marking): void {
  run.faults ??= createFaults();
  marking(run.faults);
  run.markings.push(marking);
}

/** What went wrong, in the tree as it is when all has been fetched; undefined where nothing did. */
export function allFaults({ markings }: Run): Faults | undefined {
  if (markings.length === 0) return undefined;
  const faults = createFaults();
  for (const marking of markings) marking(faults);
  return faults;
}

/**
 * Marks everything that a selection would have given to an object, inside what others have given too.
 * @param except what is marked otherwise
 */
export function markMissing(
  faults: Faults,
  target: Tree,
  selected: Selected,
  fault: Fault,
  except?: string | number,
): void {
  for (const [name, inner] of selected) {
    if (name === except) continue;
    const value = ownValue(target, name);
    if (inner && typeof value === 'object' && value !== null) markInside(faults, value, inner, fault);
    else faults.add(target, name, fault);
  }
}

function markInside(faults: Faults, value: unknown, selected: Selected, fault: Fault): void {
  if (Array.isArray(value)) for (const element of value) markInside(faults, element, selected, fault);
  else if (isTree(value)) markMissing(faults, value, selected, fault);
}

/**
 * Marks the place of an error in an object, or the closest one above it that is there: it may have made more than itself
 * null. What it took with it is marked where others have given the rest.
 * @param lostFrom how many steps of the path lead to where the answer itself has nothing any more
 */
export function markError(
  faults: Faults,
  target: Tree,
  selected: Selected,
  { path, lostFrom, fault, lost }: { path: Path; lostFrom: number; fault: Fault; lost: Fault },
): void {
  let container: Container = target;
  let inner: Selected | undefined = selected;
  for (const [depth, key] of path.entries()) {
    if (depth >= lostFrom && inner) markBeside(faults, container, inner, lost, key);
    if (typeof key === 'string') inner = inner?.get(key);
    const value = ownValue(container, key);
    const rest = path.slice(depth + 1);
    if (rest.length > 0 && typeof value === 'object' && value !== null) {
      container = value as Container;
      continue;
    }
    faults.add(container, key, rest.length > 0 ? { ...fault, rest } : fault);
    return;
  }
}

function markBeside(
  faults: Faults,
  container: Container,
  selected: Selected,
  fault: Fault,
  key: string | number,
) {
  if (!Array.isArray(container)) markMissing(faults, container, selected, fault, key);
  else container.forEach((element, index) => index !== key && markInside(faults, element, selected, fault));
}

/** Never the prototype's: a subgraph may name anything in a path. */
const ownValue = (container: Container, key: string | number): unknown =>
  Object.hasOwn(container, key) ? (container as Record<string | number, unknown>)[key] : undefined;
