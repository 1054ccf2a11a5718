import {
  createDataSource,
  createExecutor,
  type Executor,
  type SubscriptionLimits,
  type SubscriptionSources,
} from '@seguridad-abc/executor';
import { errorMessage, StartError, type Logger } from '@seguridad-abc/platform';
import type { GatewayConfig } from '../config.js';
import type { ErrorFormatter } from '../errors.js';
import type { RequestContext } from '../operations/request-context.js';
import { subgraphUrl } from './subgraph-url.js';

export interface LoadOptions {
  readonly config: GatewayConfig;
  readonly sources: SubscriptionSources<RequestContext>;
  readonly formatError: ErrorFormatter;
  readonly maxTokens: number;
  readonly hideSuggestions: boolean;
  readonly introspection: boolean;
  readonly limits: SubscriptionLimits;
  readonly logger: Logger;
}

/** @throws StartError where the text is no supergraph that can be served */
export function loadSupergraph(supergraphSdl: string, options: LoadOptions): Executor<RequestContext> {
  const { config, formatError, sources, limits, ...rest } = options;
  return serving(() =>
    createExecutor<RequestContext>({
      ...rest,
      supergraphSdl,
      subscriptionSources: sources,
      subscriptionLimits: limits,
      createDataSource: (subgraph) =>
        createDataSource({ name: subgraph.name, url: subgraphUrl(subgraph, config), logger: rest.logger }),
      formatError: (error, context) => formatError(error, context?.correlationId),
    }),
  );
}

function serving<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new StartError(`The supergraph cannot be served: ${errorMessage(error)}`);
  }
}
