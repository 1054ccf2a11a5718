import { CONSISTENCY_HEADER, formatConsistencyToken, type ConsistencyToken } from '@seguridad-abc/contracts';
import type { ExecutorContext, AbortSignalLike } from '@seguridad-abc/executor';
import { CORRELATION_HEADER, type Logger } from '@seguridad-abc/platform';
import { consistencyFrom, hear, type Consistency } from '../consistency/consistency.js';
import { authorityOf } from '../identity/authority.js';
import type { Credentials } from '../identity/credentials.js';

/** What one operation brings to the subgraphs, and what they have said beside their answers. */
export interface RequestContext extends ExecutorContext {
  readonly headers: () => Readonly<Record<string, string>>;
  readonly correlationId: string;
  readonly consistency: Consistency;
  /** As they are now: a long-lived operation may get newer ones. */
  readonly credentials: () => Credentials;
}

/** One operation of a client. */
export interface ClientOperation {
  /** Names the operation in the logs of every process. */
  readonly correlationId: string;
  readonly credentials: () => Credentials;
  /** The state that the operation must see at least. */
  readonly mustSee: ConsistencyToken | undefined;
  readonly signal: AbortSignalLike;
  /** Whether callers of the same authority may share its answers. */
  readonly isShared: boolean;
}

export type NewRequestContext = (operation: ClientOperation) => RequestContext;

export const requestContextFactory =
  (logger: Logger): NewRequestContext =>
  ({ correlationId, credentials, mustSee, signal, isShared }) => {
    const consistency = consistencyFrom(mustSee);
    return {
      authorisationKey: isShared ? authorityOf(credentials()) : undefined,
      correlationId,
      consistency,
      credentials,
      signal,
      logger: () => logger.child({ correlationId }),
      onExtensions: (extensions) => hear(consistency, extensions),
      traceHeaders: () => ({ [CORRELATION_HEADER]: correlationId }),
      headers() {
        const { headers } = credentials();
        const { mustSee: token } = consistency;
        return token ? { ...headers, [CONSISTENCY_HEADER]: formatConsistencyToken(token) } : headers;
      },
    };
  };
