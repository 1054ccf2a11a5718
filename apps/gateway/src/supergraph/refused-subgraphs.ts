import type { Heartbeat } from '@seguridad-abc/contracts';
import type { Executor } from '@seguridad-abc/executor';
import type { RequestContext } from '../operations/request-context.js';

/** The subgraphs that are not asked at present, since too many of their last requests have failed: for the beat. */
export const refusedSubgraphs = ({
  dataSources,
}: Pick<Executor<RequestContext>, 'dataSources'>): NonNullable<Heartbeat['others']> =>
  Object.entries(dataSources)
    .filter(([, { circuitBreakerState = 'closed' }]) => circuitBreakerState !== 'closed')
    .map(([service, { circuitBreakerState }]) => ({
      service,
      detail: `its requests fail, so that it is not asked for a while (circuit breaker ${circuitBreakerState ?? ''})`,
    }));
