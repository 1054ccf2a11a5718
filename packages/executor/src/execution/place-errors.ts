import type { GraphQLFormattedError } from 'graphql';
import type { SubgraphAnswer } from '../fetching/read-answer.js';
import type { CompiledFetch } from './compile-fetch.js';
import { createFaults, type Container, type Fault, type Path } from './faults.js';
import type { Run } from './run.js';
import type { Tree } from './tree.js';

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
    if (isExact) markAt(run, concerned, within, fault);
    else markMissing(run, fetch, concerned, fault);
  }
}

/** Marks everything that a fetch would have given to objects. */
export function markMissing(run: Run, fetch: CompiledFetch, targets: readonly Tree[], fault: Fault): void {
  const faults = (run.faults ??= createFaults());
  for (const target of targets) for (const field of fetch.fields()) faults.add(target, field, fault);
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
