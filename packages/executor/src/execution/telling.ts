import { GraphQLError } from 'graphql';
import type { ErrorCode } from '../shared/errors.js';
import type { Container, Fault, Faults, Path } from './field-errors.js';

/** The errors of an answer, told while it is shaped. */
export interface Telling {
  /** Of the place that is being shaped, in the client's names. */
  readonly path: (string | number)[];
  readonly errors: GraphQLError[];
  readonly faults: Faults | undefined;
  /** Those faults that clients hear of; made for the first. */
  told: Set<Fault> | undefined;
  /** The client's name of a subgraph. */
  readonly serviceName: (source: string) => string;
}

/** An error of a place below the present one. */
export function tell(telling: Telling, message: string, code: ErrorCode, ...below: Path): void {
  telling.errors.push(new GraphQLError(message, { path: [...telling.path, ...below], extensions: { code } }));
}

/**
 * Tells what went wrong in a place of the tree.
 * @param value what is there
 * @param below the path from the present place to where an error happened, as clients know it
 * @returns whether anything did
 */
export function explain(
  telling: Telling,
  container: Container,
  key: string | number,
  value: unknown,
  below: (rest: Path) => Path,
): boolean {
  const faults = telling.faults?.at(container, key);
  if (!faults) return false;
  const isAbsent = value === undefined || value === null;
  for (const fault of faults) {
    if (fault.ofAll && !isAbsent) continue;
    if (fault.toldAt === undefined) push(telling, fault, [...telling.path, ...below(fault.rest)]);
    else if (!telling.told?.has(fault)) push(telling, fault, telling.path.slice(0, fault.toldAt));
    (telling.told ??= new Set()).add(fault);
  }
  return true;
}

/** Tells of what concerns no place in particular, where nothing has told of it. */
export function tellLoose(telling: Telling): void {
  for (const fault of telling.faults?.all ?? []) {
    if (!fault.loose || telling.told?.has(fault)) continue;
    push(telling, fault, undefined);
    (telling.told ??= new Set()).add(fault);
  }
}

function push(
  { errors, serviceName }: Telling,
  { message, extensions, source }: Fault,
  path: Path | undefined,
) {
  errors.push(
    new GraphQLError(message, {
      path,
      extensions: { ...extensions, ...(source !== undefined && { serviceName: serviceName(source) }) },
    }),
  );
}
