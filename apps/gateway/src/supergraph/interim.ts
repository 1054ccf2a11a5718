import { ApolloGateway } from '@apollo/gateway';
import type { Engine, Executor } from '@seguridad-abc/executor';
import type { Logger } from '@seguridad-abc/platform';
import { GraphQLError } from 'graphql';
import type { ErrorFormatter } from '../errors.js';
import type { RequestContext } from '../operations/request-context.js';

/** Until the executor does both itself. */
export async function interimEngine(
  supergraphSdl: string,
  executor: Executor<RequestContext>,
  formatError: ErrorFormatter,
  logger: Logger,
): Promise<Engine<RequestContext>> {
  const gateway = new ApolloGateway({
    supergraphSdl,
    buildService({ name }) {
      const source = executor.dataSources[name];
      if (!source) throw new Error(`There is no data source for the subgraph ${name}.`);
      return source;
    },
    logger,
  });
  const { executor: run } = await gateway.load();
  return {
    prepare: (request) => executor.prepare(request),
    async execute({ document, operation, variables }, context) {
      const { data, errors } = await run({
        document,
        operation,
        operationName: operation.name?.value ?? null,
        request: { variables, operationName: operation.name?.value },
        schema: executor.schema,
        context,
        queryHash: JSON.stringify(document),
        source: '',
        metrics: {},
        logger,
      } as unknown as Parameters<typeof run>[0]);
      return {
        data: data ?? null,
        ...(errors && {
          errors: errors.map((error) =>
            formatError(
              error instanceof GraphQLError ? error.toJSON() : (error as unknown as { message: string }),
              error,
            ),
          ),
        }),
      };
    },
    subscribe: (request, context, subscriber) => executor.subscribe(request, context, subscriber),
  };
}
