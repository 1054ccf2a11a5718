import {
  CONSISTENCY_TOKEN_HEADER,
  getLaterConsistencyToken,
  parseConsistencyToken,
  type ConsistencyToken,
} from '@seguridad-abc/contracts';
import { createBadUserInputError } from '@seguridad-abc/platform';

/** Key of the consistency token in the `extensions` of a request and of a response. */
export const CONSISTENCY_TOKEN_EXTENSION = 'consistencyToken';

/** The consistency of one operation. It sees earlier writes, and each of its fields sees the writes of earlier fields. */
export interface RequestConsistency {
  /** The state that subgraphs must have reached. Undefined accepts any state. */
  requiredToken: ConsistencyToken | undefined;
  /** The state after the operation's own commands. */
  writtenToken: ConsistencyToken | undefined;
  /** Set if a subgraph had not reached the required state: the age of the missing write, in milliseconds. */
  stalenessMs: number | undefined;
}

/** @param requiredToken the token that the client sent, or the later one of its session */
export const createRequestConsistency = (
  requiredToken: ConsistencyToken | undefined,
): RequestConsistency => ({ requiredToken, writtenToken: undefined, stalenessMs: undefined });

/** Applies the `extensions` of a subgraph's response: `consistencyToken` and `staleness`. */
export function addSubgraphConsistency(
  consistency: RequestConsistency,
  extensions: Readonly<Record<string, unknown>>,
): void {
  const { requiredToken, writtenToken, stalenessMs } = consistency;
  const token = parseConsistencyToken(extensions[CONSISTENCY_TOKEN_EXTENSION]);
  consistency.writtenToken = getLaterConsistencyToken(writtenToken, token);
  consistency.requiredToken = getLaterConsistencyToken(requiredToken, token);
  const staleness = extensions['staleness'];
  if (typeof staleness === 'number') consistency.stalenessMs = Math.max(stalenessMs ?? 0, staleness);
}

/**
 * Reads the consistency token of a request: from its `extensions`, its header, or the later of both.
 * @throws ExpectedError BAD_USER_INPUT if one of them is not a token
 */
export const readRequestConsistencyToken = (
  extensions: Readonly<Record<string, unknown>> | null | undefined,
  header?: string | readonly string[] | null,
): ConsistencyToken | undefined =>
  getLaterConsistencyToken(
    readTokenAt(['extensions', CONSISTENCY_TOKEN_EXTENSION], extensions?.[CONSISTENCY_TOKEN_EXTENSION]),
    readTokenAt([CONSISTENCY_TOKEN_HEADER], header),
  );

function readTokenAt(path: readonly string[], text: unknown): ConsistencyToken | undefined {
  if (text === undefined || text === null || text === '') return undefined;
  const token = parseConsistencyToken(text);
  if (token) return token;
  const message = `${path.join('.')} is not a consistency token. Use the token of a mutation's response.`;
  throw createBadUserInputError([{ path, code: 'INVALID', message }]);
}
