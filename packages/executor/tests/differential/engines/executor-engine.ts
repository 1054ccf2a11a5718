import { createExecutor } from '@seguridad-abc/executor';
import type { FormattedExecutionResult } from 'graphql';
import { toJson, type RequestHandler, type TestRequest } from '../test-supergraph/test-subgraph.js';
import type { TestSupergraph } from '../test-supergraph/test-supergraph.js';

/** Executes requests with the executor, over subgraphs in this process. */
export function createExecutorEngine({
  supergraphSdl,
  subgraphs,
}: Pick<TestSupergraph, 'supergraphSdl' | 'subgraphs'>): RequestHandler {
  const ignore = () => undefined;
  const executor = createExecutor({
    supergraphSdl,
    planWorkers: 0,
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    createDataSource: ({ name }) => ({
      async fetch({ operation: { query }, variables }) {
        const subgraph = subgraphs[name];
        if (!subgraph) throw new Error(`The supergraph has no subgraph "${name}".`);
        return await subgraph({ query, variables: JSON.parse(variables) as TestRequest['variables'] });
      },
    }),
  });
  return async (request) => {
    const prepared = await executor.prepare(request);
    if ('errors' in prepared) return toJson({ errors: prepared.errors });
    return JSON.parse(JSON.stringify(await executor.execute(prepared, {}))) as FormattedExecutionResult;
  };
}
