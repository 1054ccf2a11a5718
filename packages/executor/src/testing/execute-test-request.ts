import type { FormattedExecutionResult } from 'graphql';
import type { Executor } from '../executor.js';
import type { OperationContext } from '../data-sources/data-source.js';

/** The answer to a query or mutation, as a client would parse it. */
export async function executeTestRequest(
  executor: Executor<OperationContext>,
  query: string,
  { variables = {}, context = {} }: { variables?: Record<string, unknown>; context?: OperationContext } = {},
): Promise<FormattedExecutionResult> {
  const prepared = executor.prepare({ query, variables });
  if ('errors' in prepared) throw new AggregateError(prepared.errors, prepared.errors.join('\n'));
  return JSON.parse(JSON.stringify(await executor.execute(prepared, context))) as FormattedExecutionResult;
}
