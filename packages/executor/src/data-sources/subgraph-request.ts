/** An operation of a subgraph: one for each fetch of a plan, whoever asks. */
export interface SubgraphOperation {
  readonly kind: 'query' | 'mutation';
  readonly query: string;
  readonly operationName: string | undefined;
  /** Query and name as members of a request's body, written out once: `"query":"…","operationName":"…"`. */
  readonly bodyMembers: string;
}

export interface SubgraphRequest {
  readonly operation: SubgraphOperation;
  /** As JSON text. */
  readonly variables: string;
  /** How many entities are asked for; undefined where none are. */
  readonly entityCount: number | undefined;
}

export const createSubgraphOperation = (
  kind: SubgraphOperation['kind'],
  query: string,
  operationName: string | undefined,
): SubgraphOperation => ({
  kind,
  query,
  operationName,
  bodyMembers:
    `"query":${JSON.stringify(query)}` +
    (operationName === undefined ? '' : `,"operationName":${JSON.stringify(operationName)}`),
});

/** The body of a request over HTTP. */
export const bodyOf = ({ operation, variables }: SubgraphRequest): string =>
  `{${operation.bodyMembers},"variables":${variables}}`;
