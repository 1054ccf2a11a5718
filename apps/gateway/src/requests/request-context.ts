import { CONSISTENCY_HEADER, formatConsistencyToken, type ConsistencyToken } from '@seguridad-abc/contracts';
import type { ExecutorContext, AbortSignalLike } from '@seguridad-abc/executor';
import { CORRELATION_HEADER, type Logger } from '@seguridad-abc/platform';
import {
  deriveAuthorizationKey,
  type AuthenticationResult,
} from '../authentication/authentication-result.js';
import {
  applySubgraphExtensions,
  createRequestConsistency,
  type RequestConsistency,
} from './request-consistency.js';

/** The executor's context of one operation: what subgraphs receive, and what they return beside data. */
export interface RequestContext extends ExecutorContext {
  readonly headers: () => Readonly<Record<string, string>>;
  readonly correlationId: string;
  readonly consistency: RequestConsistency;
  /** The current credentials: a client may renew its token while a subscription runs. */
  readonly credentials: () => AuthenticationResult;
}

export interface RequestContextOptions {
  /** Names the operation in the logs of every process. */
  readonly correlationId: string;
  readonly credentials: () => AuthenticationResult;
  /** The state that the operation must see at least. */
  readonly requiredToken: ConsistencyToken | undefined;
  readonly signal: AbortSignalLike;
  /** Whether callers with equal authorization may share the operation's execution: true for subscriptions. */
  readonly isShareable: boolean;
}

/** Creates the context of one operation. */
export function createRequestContext(options: RequestContextOptions, logger: Logger): RequestContext {
  const { correlationId, credentials, requiredToken, signal, isShareable } = options;
  const consistency = createRequestConsistency(requiredToken);
  return {
    authorizationKey: isShareable ? deriveAuthorizationKey(credentials()) : undefined,
    correlationId,
    consistency,
    credentials,
    signal,
    logger: () => logger.child({ correlationId }),
    onExtensions: (extensions) => applySubgraphExtensions(consistency, extensions),
    traceHeaders: () => ({ [CORRELATION_HEADER]: correlationId }),
    headers() {
      const { headers } = credentials();
      const token = consistency.requiredToken;
      return token ? { ...headers, [CONSISTENCY_HEADER]: formatConsistencyToken(token) } : headers;
    },
  };
}
