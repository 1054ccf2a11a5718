import { createExecutor } from '@seguridad-abc/executor';
import type { FormattedExecutionResult } from 'graphql';
import { asJson, type Ask, type Request } from '../world/subgraph.js';
import type { World } from '../world/world.js';

/** Our executor, over subgraphs in this process. */
export function createOurs({ supergraphSdl, ask }: Pick<World, 'supergraphSdl' | 'ask'>): Ask {
  const quiet = () => undefined;
  const executor = createExecutor({
    supergraphSdl,
    logger: { debug: quiet, warn: quiet, error: quiet },
    createDataSource: ({ name }) => ({
      async fetch({ operation: { query }, variables }) {
        const source = ask[name];
        if (!source) throw new Error(`There is no subgraph ${name}.`);
        return await source({
          query,
          variables: JSON.parse(variables) as Request['variables'],
        });
      },
    }),
  });
  return async (request) => {
    const prepared = executor.prepare(request);
    if ('errors' in prepared) return asJson({ errors: prepared.errors });
    return JSON.parse(JSON.stringify(await executor.execute(prepared, {}))) as FormattedExecutionResult;
  };
}
