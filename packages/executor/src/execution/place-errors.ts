import type { GraphQLFormattedError } from 'graphql';
import type { SubgraphAnswer } from '../fetching/read-answer.js';
import { ENTITIES, type CompiledFetch } from './compile-fetch.js';
import { createFaults, type Container, type Fault, type Path } from './faults.js';
import type { Run } from './run.js';
import { isTree, type Tree } from './tree.js';

/**
 * Marks in the tree what an answer's errors are about. To be called when the answer has been laid on it.
 * @param targets the objects that it was laid on: for entities, those of each
 */
export function placeErrors(
  run: Run,
  fetch: CompiledFetch,
  { data, errors = [] }: SubgraphAnswer,
  targets: readonly (readonly Tree[])[],
): void {
  for (const error of errors) {
    const path = error.path ?? [];
    const [, index] = path;
    const ofEntity = fetch.representation && typeof index === 'number' ? targets[index] : undefined;
    const hasPlace = ofEntity !== undefined || (!fetch.representation && path.length > 0);
    const within = fetch.rewritePath(fetch.representation ? path.slice(2) : path);
    const isExact = hasPlace && within.length > 0;
    const fault = faultOf(fetch, error, {
      ofAll: !isExact,
      ofFetch: !hasPlace && fetch.path.length > 0,
      loose: !hasPlace && data !== undefined && data !== null,
    });
    const concerned = ofEntity ?? targets.flat();
    if (!isExact) {
      markMissing(run, fetch, concerned, fault);
      continue;
    }
    markAt(run, concerned, within, fault);
    // It has taken all else with it, up to what might be null.
    if (!isThere(fetch, data, index)) markMissing(run, fetch, concerned, dependent(fault), within[0]);
  }
}

function isThere({ representation }: CompiledFetch, data: SubgraphAnswer['data'], index: unknown): boolean {
  if (!representation) return isTree(data);
  const entities = data?.[ENTITIES];
  return Array.isArray(entities) && isTree(entities[Number(index)]);
}

/** What is told where a field that no client asked for has failed: that field is nobody's business. */
export const dependent = ({ source }: Fault): Fault => ({
  message: 'This depends on a field that failed.',
  source,
  extensions: { code: 'DEPENDENCY_FAILED' },
  rest: [],
  ofAll: true,
  ofFetch: false,
  loose: false,
});

/**
 * Marks everything that a fetch would have given to objects.
 * @param except a field that is marked already
 */
export function markMissing(
  run: Run,
  fetch: CompiledFetch,
  targets: readonly Tree[],
  fault: Fault,
  except?: string | number,
): void {
  const faults = (run.faults ??= createFaults());
  for (const target of targets) {
    for (const field of fetch.fields()) if (field !== except) faults.add(target, field, fault);
  }
}

/** Marks a place inside objects, or the closest above it that is there: an error may have made more than itself null. */
function markAt(run: Run, targets: readonly Tree[], path: Path, fault: Fault): void {
  const faults = (run.faults ??= createFaults());
  for (const target of targets) {
    let container: Container = target;
    for (const [depth, key] of path.entries()) {
      const value = Object.hasOwn(container, key)
        ? (container as Record<string | number, unknown>)[key]
        : undefined;
      const rest = path.slice(depth + 1);
      if (rest.length > 0 && typeof value === 'object' && value !== null) {
        container = value as Container;
        continue;
      }
      faults.add(container, key, rest.length > 0 ? { ...fault, rest } : fault);
      break;
    }
  }
}

function faultOf(
  { source }: CompiledFetch,
  { message, extensions }: GraphQLFormattedError,
  kind: Pick<Fault, 'ofAll' | 'ofFetch' | 'loose'>,
): Fault {
  return {
    message,
    source,
    extensions: { ...extensions, code: extensions?.['code'] ?? 'DOWNSTREAM_SERVICE_ERROR' },
    rest: [],
    ...kind,
  };
}
