import { ApolloGateway } from '@apollo/gateway';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default';
import type { Executor } from '@seguridad-abc/executor';
import type { Http, Logger } from '@seguridad-abc/platform';
import { OperationTypeNode } from 'graphql';
import { readYourWrites } from '../consistency/plugin.js';
import type { ErrorFormatter } from '../errors.js';
import { refuseNobody } from '../identity/plugin.js';
import type { Openness } from '../identity/public-fields.js';
import { httpError } from './http-error.js';
import { legacyStatus } from './legacy-status.js';
import type { RequestContext } from './request-context.js';

export interface ApolloServerOptions {
  readonly supergraphSdl: string;
  readonly executor: Pick<Executor<RequestContext>, 'dataSources'>;
  readonly formatError: ErrorFormatter;
  readonly maxTokens: number;
  readonly open: Openness;
  readonly isProduction: boolean;
  readonly http: Pick<Http, 'server'>;
  readonly logger: Logger;
}

/** Answers queries and mutations over the supergraph. */
export function createApolloServer(options: ApolloServerOptions): ApolloServer<RequestContext> {
  const { supergraphSdl, executor, formatError, maxTokens, open, isProduction, http, logger } = options;
  const gateway = new ApolloGateway({
    supergraphSdl,
    buildService({ name }) {
      const source = executor.dataSources[name];
      if (!source) throw new Error(`There is no data source for the subgraph ${name}.`);
      return source;
    },
    // Sandbox shows plans where it may.
    __exposeQueryPlanExperimental: !isProduction,
    logger,
  });
  return new ApolloServer<RequestContext>({
    gateway,
    formatError,
    introspection: !isProduction,
    hideSchemaDetailsFromClientErrors: isProduction,
    includeStacktraceInErrorResponses: false,
    parseOptions: { maxLexicalTokens: maxTokens },
    nodeEnv: isProduction ? 'production' : 'development',
    logger,
    // The process stops in order: service.ts.
    stopOnTerminationSignals: false,
    plugins: [
      ApolloServerPluginDrainHttpServer({ httpServer: http.server }),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      isProduction
        ? ApolloServerPluginLandingPageDisabled()
        : ApolloServerPluginLandingPageLocalDefault({
            embed: { runTelemetry: false },
            includeCookies: false,
          }),
      refuseNobody(open),
      refuseSubscriptions,
      readYourWrites,
      legacyStatus,
    ],
  });
}

/** HTTP as it is spoken here has one answer to a request. */
const refuseSubscriptions: ApolloServerPlugin<RequestContext> = {
  requestDidStart: () =>
    Promise.resolve({
      didResolveOperation({ operation }) {
        if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) return Promise.resolve();
        throw httpError(
          406,
          'SUBSCRIPTION_NOT_SUPPORTED',
          'Subscriptions are answered over WebSocket, with the sub-protocol graphql-transport-ws, on this path.',
        );
      },
    }),
};
