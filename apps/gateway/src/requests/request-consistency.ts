import {
  getLaterConsistencyToken,
  parseConsistencyToken,
  type ConsistencyToken,
} from '@seguridad-abc/contracts';
import { CONSISTENCY_TOKEN_EXTENSION, type ReceivedConsistency } from './client-consistency-tokens.js';

/** The consistency of one operation. It sees earlier writes, and each of its fields sees the writes of earlier fields. */
export interface RequestConsistency {
  /** The state that subgraphs must have reached. Undefined accepts any state. */
  requiredToken: ConsistencyToken | undefined;
  /** Set if a subgraph had not reached the required state: the age of the missing write, in milliseconds. */
  stalenessMs: number | undefined;
  /** Whether the operation's own commands have changed the required state. */
  hasWritten: boolean;
  /** Whether the client replaces the tokens that it sent by the one of the response. */
  readonly mustReplaceTokens: boolean;
}

/**
 * @param sessionToken the state after the session's last command
 * @param received what the client's own tokens demand
 */
export const createRequestConsistency = (
  sessionToken: ConsistencyToken | undefined,
  received: ReceivedConsistency | undefined,
): RequestConsistency => ({
  requiredToken: getLaterConsistencyToken(sessionToken, received?.requiredToken),
  stalenessMs: received?.stalenessMs,
  hasWritten: false,
  mustReplaceTokens: received?.mustReplaceTokens ?? false,
});

/** Applies the `extensions` of a subgraph's response: `consistencyToken` and `staleness`. */
export function addSubgraphConsistency(
  consistency: RequestConsistency,
  extensions: Readonly<Record<string, unknown>>,
): void {
  const { requiredToken, stalenessMs } = consistency;
  const token = parseConsistencyToken(extensions[CONSISTENCY_TOKEN_EXTENSION]);
  if (token) {
    // The log of a command is the present one, whatever the time of another log's token is.
    consistency.requiredToken =
      requiredToken?.logId === token.logId ? getLaterConsistencyToken(requiredToken, token) : token;
    consistency.hasWritten = true;
  }
  const staleness = extensions['staleness'];
  if (typeof staleness === 'number') consistency.stalenessMs = Math.max(stalenessMs ?? 0, staleness);
}

/** A position that every reader has reached. For a client whose tokens demand nothing. */
const INITIAL_STATE_TOKEN: ConsistencyToken = { logId: 'none', position: 0, at: 0 };

/**
 * @returns the token of the response. It covers the tokens of the request and its own commands, so that a client can replace the
 * tokens that it sent by this one. Undefined if the client has nothing to replace.
 */
export const getResponseToken = ({
  requiredToken,
  hasWritten,
  mustReplaceTokens,
}: RequestConsistency): ConsistencyToken | undefined =>
  hasWritten || mustReplaceTokens ? (requiredToken ?? INITIAL_STATE_TOKEN) : undefined;
