import type { FetchContext } from '@seguridad-abc/executor';
import { CORRELATION_HEADER } from '@seguridad-abc/platform';

/** What one operation brings to the subgraphs. */
export interface RequestContext extends FetchContext {
  readonly headers: Readonly<Record<string, string>>;
}

/** @param correlationId names the operation in the logs of every process */
export const requestContext = (correlationId: string): RequestContext => ({
  headers: { [CORRELATION_HEADER]: correlationId },
});
