import {
  CONSISTENCY_HEADER,
  laterConsistencyToken,
  parseConsistencyToken,
  type ConsistencyToken,
} from '@seguridad-abc/contracts';
import { badUserInputError } from '@seguridad-abc/platform';

/** Key of the consistency token in the `extensions` of a request and of a response. */
export const CONSISTENCY_EXTENSION = 'consistencyToken';

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
export function applySubgraphExtensions(
  consistency: RequestConsistency,
  extensions: Readonly<Record<string, unknown>>,
): void {
  const { requiredToken, writtenToken, stalenessMs } = consistency;
  const token = parseConsistencyToken(extensions[CONSISTENCY_EXTENSION]);
  consistency.writtenToken = laterConsistencyToken(writtenToken, token);
  consistency.requiredToken = laterConsistencyToken(requiredToken, token);
  const staleness = extensions['staleness'];
  if (typeof staleness === 'number') consistency.stalenessMs = Math.max(stalenessMs ?? 0, staleness);
}

/**
 * Reads the consistency token of a request: from its `extensions`, its header, or the later of both.
 * @throws ExpectedError BAD_USER_INPUT if one of them is not a token
 */
export const readConsistencyToken = (
  extensions: Readonly<Record<string, unknown>> | null | undefined,
  header?: string | readonly string[] | null,
): ConsistencyToken | undefined =>
  laterConsistencyToken(
    readTokenAt(['extensions', CONSISTENCY_EXTENSION], extensions?.[CONSISTENCY_EXTENSION]),
    readTokenAt([CONSISTENCY_HEADER], header),
  );

function readTokenAt(path: readonly string[], text: unknown): ConsistencyToken | undefined {
  if (text === undefined || text === null || text === '') return undefined;
  const token = parseConsistencyToken(text);
  if (token) return token;
  const message = `${path.join('.')} is not a consistency token. Use the token of a mutation's response.`;
  throw badUserInputError([{ path, code: 'INVALID', message }]);
}
