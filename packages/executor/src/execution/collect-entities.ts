import type { CompiledFetch } from './compile-fetch.js';
import { allFaults, mark, markMissing } from './mark.js';
import { dependent } from './subgraph-errors.js';
import type { Absence } from './compile-representation.js';
import type { Run } from './execution-state.js';
import { valueAt, type Tree } from './tree.js';

/** An entity to be fetched. */
export interface Wanted {
  /** As JSON text. */
  readonly representation: string;
  /** The objects of the tree that are of it. */
  readonly targets: Tree[];
}

/** What entities are known by: their required values, one after the other. */
type Level = Map<unknown, Level | Wanted>;

/**
 * Each distinct entity once among the objects that a fetch is for. An object that has not got what the fetch requires is
 * marked, where it is known why.
 */
export function wantedEntities(run: Run, fetch: CompiledFetch, targets: readonly Tree[]): Wanted[] {
  // What has come since an error was marked may lack what that has taken.
  run.faults = allFaults(run);
  const wanted: Wanted[] = [];
  const byText = new Map<string, Wanted>();
  const byValues: Level = new Map();

  const add = (target: Tree): Wanted | undefined => {
    const representation = represent(run, fetch, target);
    if (representation === undefined) return undefined;
    const known = byText.get(representation);
    if (known) {
      known.targets.push(target);
      return known;
    }
    const entity = { representation, targets: [target] };
    byText.set(representation, entity);
    wanted.push(entity);
    return entity;
  };

  for (const target of targets) {
    const names = fetch.representation?.leavesOf(target['__typename']);
    // No text is written for an object whose values have been seen: most of a long list are of few entities.
    const level = names && levelOf(byValues, target, names);
    const last = names?.at(-1);
    if (!level || last === undefined) {
      add(target);
      continue;
    }
    const value = valueAt(target, last);
    const known = level.get(value);
    if (known && 'targets' in known) {
      known.targets.push(target);
      continue;
    }
    const entity = add(target);
    if (entity && isPlain(value)) level.set(value, entity);
  }
  const lacking = run.visits?.get(fetch)?.lacking;
  if (lacking?.size) wanted.forEach(({ targets: of }) => of.forEach((target) => lacking.delete(target)));
  return wanted;
}

/** @returns undefined where a value is none to be known by */
function levelOf(root: Level, target: Tree, names: readonly string[]): Level | undefined {
  let level = root;
  for (let index = 0; index < names.length - 1; index++) {
    const value = valueAt(target, names[index] ?? '');
    if (!isPlain(value)) return undefined;
    let next = level.get(value);
    if (!next || 'targets' in next) level.set(value, (next = new Map() as Level));
    level = next;
  }
  return level;
}

const isPlain = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** Marks what an object does not get for want of what the fetch requires. It may have come when the plan is run again. */
function markLacking(run: Run, fetch: CompiledFetch, target: Tree, { faults: reasons }: Absence): void {
  const lacking = run.visits?.get(fetch)?.lacking;
  const isMarked = lacking?.get(target) === true;
  // What can be asked for in parts is marked part by part.
  const isToBeMarked = !isMarked && reasons.length > 0 && fetch.parts().length === 0;
  lacking?.set(target, isMarked || isToBeMarked);
  if (!isToBeMarked) return;
  for (const fault of reasons) {
    const own = fault.toldAt === undefined ? dependent(fault) : fault;
    mark(run, (faults) => markMissing(faults, target, fetch.selected(), own));
  }
}

/** @returns undefined where there is nothing to fetch for an object, or what it takes is not there */
function represent(run: Run, fetch: CompiledFetch, target: Tree): string | undefined {
  const { project, rewrite } = fetch.representation ?? {};
  const representation: Tree = {};
  const absence = project?.(target, representation, run.faults);
  if (absence) {
    markLacking(run, fetch, target, absence);
    return undefined;
  }
  if (representation['__typename'] === undefined) return undefined;
  rewrite?.(representation);
  return JSON.stringify(representation);
}
