import { CONSISTENCY_HEADER, formatConsistencyToken, type ConsistencyToken } from '@seguridad-abc/contracts';
import type { ExecutorContext, Signal } from '@seguridad-abc/executor';
import { CORRELATION_HEADER, type Logger } from '@seguridad-abc/platform';
import { createConsistency, type Consistency } from '../consistency/consistency.js';
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
  readonly signal: Signal;
  /** Whether callers of the same authority may share its answers. */
  readonly isShared: boolean;
}

export type NewRequestContext = (operation: ClientOperation) => RequestContext;

/** @param installationHeaders what the gateway shows the subgraphs to be known as theirs */
export const requestContextFactory =
  (installationHeaders: Readonly<Record<string, string>>, logger: Logger): NewRequestContext =>
  ({ correlationId, credentials, mustSee, signal, isShared }) => {
    const consistency = createConsistency(mustSee);
    return {
      authorisationKey: isShared ? authorityOf(credentials()) : undefined,
      correlationId,
      logger: () => logger.child({ correlationId }),
      consistency,
      credentials,
      signal,
      onExtensions: (extensions) => consistency.heard(extensions),
      traceHeaders: () => ({ [CORRELATION_HEADER]: correlationId }),
      headers: () => {
        const { mustSee: token } = consistency;
        return {
          ...installationHeaders,
          ...credentials().headers,
          ...(token && { [CONSISTENCY_HEADER]: formatConsistencyToken(token) }),
        };
      },
    };
  };
