import { DurationHistogram, REQUEST_DURATION_BOUNDS_SECONDS } from '@seguridad-abc/platform';
import type { FormattedExecutionResult, OperationDefinitionNode } from 'graphql';

/** Names that are counted one by one. Further names count as {@link OTHER_OPERATIONS}, so that clients cannot add metrics without end. */
const MAX_OPERATION_NAMES = 100;
/** Longer names count as {@link OTHER_OPERATIONS}. */
const MAX_NAME_LENGTH = 64;
const OTHER_OPERATIONS = 'other';
const UNNAMED_OPERATIONS = 'unnamed';

/** The executed queries or mutations with one name. */
export interface OperationCounts {
  /** The name of the operation, `unnamed` or `other`. */
  readonly name: string;
  readonly kind: string;
  /** Responses without errors. */
  okCount: number;
  /** Responses with data and errors. */
  partialCount: number;
  /** Responses with errors only. */
  failedCount: number;
  readonly durations: DurationHistogram;
}

/** Counts executed queries and mutations by their names. */
export interface OperationStatistics {
  /**
   * @param isIdentified whether the client is known. Only such clients add names
   * @param durationMs from the prepared operation until its response, or the first part of it, is complete
   */
  record(
    operation: OperationDefinitionNode,
    isIdentified: boolean,
    result: FormattedExecutionResult,
    durationMs: number,
  ): void;
  list(): readonly OperationCounts[];
}

export function createOperationStatistics(): OperationStatistics {
  const byKindAndName = new Map<string, OperationCounts>();
  let nameCount = 0;
  /** A cached operation has one node. To find it takes less than to put its kind and name together. */
  const byNode = new WeakMap<OperationDefinitionNode, OperationCounts>();

  const getOrCreate = (kind: string, name: string): OperationCounts => {
    const key = `${kind} ${name}`;
    let counts = byKindAndName.get(key);
    if (!counts) {
      counts = {
        name,
        kind,
        okCount: 0,
        partialCount: 0,
        failedCount: 0,
        durations: new DurationHistogram(REQUEST_DURATION_BOUNDS_SECONDS),
      };
      byKindAndName.set(key, counts);
    }
    return counts;
  };
  const find = (node: OperationDefinitionNode, isIdentified: boolean): OperationCounts => {
    const known = byNode.get(node);
    if (known) return known;
    const kind = node.operation;
    const name = node.name?.value ?? UNNAMED_OPERATIONS;
    const isCounted = byKindAndName.has(`${kind} ${name}`) || name === UNNAMED_OPERATIONS;
    const mayAdd = isIdentified && nameCount < MAX_OPERATION_NAMES && name.length <= MAX_NAME_LENGTH;
    // Not remembered: an identified client may send the same operation.
    if (!isCounted && !mayAdd) return getOrCreate(kind, OTHER_OPERATIONS);
    if (!isCounted) nameCount += 1;
    const counts = getOrCreate(kind, name);
    byNode.set(node, counts);
    return counts;
  };

  return {
    record(operation, isIdentified, { data, errors }, durationMs) {
      const counts = find(operation, isIdentified);
      if (!errors) counts.okCount += 1;
      else if (data) counts.partialCount += 1;
      else counts.failedCount += 1;
      counts.durations.addMs(durationMs);
    },
    list: () => [...byKindAndName.values()],
  };
}
