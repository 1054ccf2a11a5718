import type { DataSource, SubgraphRequest } from '../data-sources/data-source.js';
import type { OperationContext } from '../shared/operation-context.js';
import type { SubscriptionSource } from './subscription-source.js';

/** A data source that can subscribe at its subgraph. */
export type SubscribableDataSource = DataSource & Required<Pick<DataSource, 'subscribe'>>;

export const canSubscribe = (dataSource: DataSource | undefined): dataSource is SubscribableDataSource =>
  dataSource?.subscribe !== undefined;

/**
 * Creates the source of events that a subgraph provides. Its event values are responses of the subgraph to the first fetch of
 * the subscription's plan. It depends on the caller, because the subgraph receives the caller's headers.
 */
export const createSubgraphEventSource = <Context extends OperationContext>(
  dataSource: SubscribableDataSource,
  request: SubgraphRequest,
): SubscriptionSource<Context> => ({
  subscribe: (_, { context, signal, getPresentContext = () => context }) =>
    dataSource.subscribe(request, {
      headers: () => getPresentContext().headers?.() ?? {},
      traceHeaders: () => getPresentContext().traceHeaders?.() ?? {},
      logger: context.logger,
      operationContext: context,
      signal,
    }),
});
