import type { FormattedExecutionResult } from 'graphql';
import type { SubgraphSdls } from '../test-supergraph/compose-subgraphs.js';
import type { DataSettings } from '../test-supergraph/generated-data.js';
import type { TestRequest } from '../test-supergraph/test-subgraph.js';

/** A request that @apollo/gateway answers differently from one schema with all data. */
export interface ApolloGatewayDeviation extends TestRequest {
  readonly name: string;
  /** Why @apollo/gateway responds that way. */
  readonly reason: string;
  readonly sdls: SubgraphSdls;
  readonly dataSettings?: Partial<DataSettings>;
  /** Responses of subgraphs that replace their own. A function may throw. */
  readonly subgraphResponses?: Readonly<Record<string, () => FormattedExecutionResult>>;
  /** The expected response if `subgraphResponses` are set. Otherwise it is that of one schema with all data. */
  readonly expected?: FormattedExecutionResult;
  /** Whether the executor has the fault too, because it is in the query planner. */
  readonly isShared?: boolean;
}
