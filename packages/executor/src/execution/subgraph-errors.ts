import type { ResponsePath } from '@apollo/query-planner';
import type { GraphQLFormattedError } from 'graphql';
import type { SubgraphResponse } from '../data-sources/subgraph-response.js';
import { ENTITIES, type CompiledFetch } from './compile-fetch.js';
import type { Fault, Path } from './field-errors.js';
import { mark, markError, markMissing } from './mark.js';
import type { Run } from './execution-state.js';
import { EVERY_ELEMENT } from './targets.js';
import type { Tree } from './tree.js';

/**
 * Marks in the tree what an answer's errors are about. To be called when the answer has been laid on it.
 * @param targets the objects that it was laid on: for entities, those of each
 */
export function placeErrors(
  run: Run,
  fetch: CompiledFetch,
  { data, errors = [] }: SubgraphResponse,
  targets: readonly (readonly Tree[])[],
): void {
  for (const told of errors) {
    const { concerned, given, within } = placeOf(fetch, told.path ?? [], data, targets);
    const fault = faultOf(fetch, told, {
      ofAll: within === undefined || within.length === 0,
      toldAt: within === undefined && fetch.path.length > 0 ? stepsAboveLists(fetch.path) : undefined,
      loose: within === undefined && data !== undefined && data !== null,
    });
    const selected = fetch.selected();
    if (within === undefined || fault.ofAll) {
      mark(run, (faults) => concerned.forEach((target) => markMissing(faults, target, selected, fault)));
      continue;
    }
    const error = { path: within, lostFrom: lengthIn(given, within), fault, lost: dependent(fault) };
    mark(run, (faults) => concerned.forEach((target) => markError(faults, target, selected, error)));
  }
}

interface Place {
  /** The objects that the error is about. */
  readonly concerned: readonly Tree[];
  /** What the answer gave to them. */
  readonly given: unknown;
  /** Where in them it happened; undefined where it concerns all that was asked for. */
  readonly within: Path | undefined;
}

function placeOf(
  fetch: CompiledFetch,
  path: Path,
  data: SubgraphResponse['data'],
  targets: readonly (readonly Tree[])[],
): Place {
  if (!fetch.representation) {
    const within = path.length > 0 ? fetch.rewritePath(path) : undefined;
    return { concerned: targets.flat(), given: data, within };
  }
  const [, index, ...within] = path;
  const entities = data?.[ENTITIES];
  const concerned = typeof index === 'number' ? targets[index] : undefined;
  if (typeof index !== 'number' || !concerned) {
    // Of one that was not asked for here it is of no account.
    const isOther = typeof index === 'number';
    return { concerned: isOther ? [] : targets.flat(), given: data, within: isOther ? [] : undefined };
  }
  const given: unknown = Array.isArray(entities) ? entities[index] : undefined;
  return { concerned, given, within: fetch.rewritePath(within) };
}

function stepsAboveLists(path: ResponsePath): number {
  const list = path.indexOf(EVERY_ELEMENT);
  return list < 0 ? path.length : list;
}

/** How many steps of a path lead through what is there. */
function lengthIn(given: unknown, path: Path): number {
  let value = given;
  for (let length = 0; ; length++) {
    if (typeof value !== 'object' || value === null) return length;
    const key = path[length];
    if (key === undefined) return length;
    value = (value as Record<string | number, unknown>)[key];
  }
}

function faultOf(
  { source }: CompiledFetch,
  { message, extensions }: GraphQLFormattedError,
  kind: Pick<Fault, 'ofAll' | 'toldAt' | 'loose'>,
): Fault {
  return {
    message,
    source,
    extensions: { ...extensions, code: extensions?.['code'] ?? 'DOWNSTREAM_SERVICE_ERROR' },
    rest: [],
    ...kind,
  };
}

/** What is told where a field that no client asked for has failed: that field is nobody's business. */
export const dependent = ({ source }: Fault): Fault => ({
  message: 'This depends on a field that failed.',
  source,
  extensions: { code: 'DEPENDENCY_FAILED' },
  rest: [],
  ofAll: true,
  toldAt: undefined,
  loose: false,
});
