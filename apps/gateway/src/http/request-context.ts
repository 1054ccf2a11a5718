import { CONSISTENCY_HEADER, formatConsistencyToken, type ConsistencyToken } from '@seguridad-abc/contracts';
import type { FetchContext } from '@seguridad-abc/executor';
import { CORRELATION_HEADER } from '@seguridad-abc/platform';
import { createConsistency, type Consistency } from '../consistency/consistency.js';

/** What one operation brings to the subgraphs, and what they have said beside their answers. */
export interface RequestContext extends FetchContext {
  readonly headers: () => Readonly<Record<string, string>>;
  readonly consistency: Consistency;
}

/**
 * @param correlationId names the operation in the logs of every process
 * @param mustSee the state that the operation must see at least
 */
export function requestContext(correlationId: string, mustSee?: ConsistencyToken): RequestContext {
  const consistency = createConsistency(mustSee);
  return {
    consistency,
    onExtensions: (extensions) => consistency.heard(extensions),
    headers: () => {
      const { mustSee: token } = consistency;
      return {
        [CORRELATION_HEADER]: correlationId,
        ...(token && { [CONSISTENCY_HEADER]: formatConsistencyToken(token) }),
      };
    },
  };
}
