import { createExecutor, type ResponsePart } from '@seguridad-abc/executor';
import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import { toJson, type TestRequest } from '../test-supergraph/test-subgraph.js';
import type { TestSupergraph } from '../test-supergraph/test-supergraph.js';

type Path = readonly (string | number)[];

/** A response that a client has put together from its parts. */
export interface MergedResponse {
  readonly response: FormattedExecutionResult;
  readonly partCount: number;
  /** The paths of the deferred fragments that were null. */
  readonly failedPaths: readonly Path[];
}

/** Executes requests with the executor, over subgraphs in this process. The responses come in parts. */
export function createPartsEngine({
  supergraphSdl,
  subgraphs,
}: Pick<TestSupergraph, 'supergraphSdl' | 'subgraphs'>): (request: TestRequest) => Promise<MergedResponse> {
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
    const prepared = await executor.prepare(request, { acceptsParts: true });
    if ('errors' in prepared)
      return { response: toJson({ errors: prepared.errors }), partCount: 1, failedPaths: [] };
    const parts: ResponsePart[] = [];
    for await (const part of executor.executeInParts(prepared, {}))
      parts.push(JSON.parse(JSON.stringify(part)) as ResponsePart);
    return mergeParts(parts);
  };
}

/** @throws Error if a part does not fit those before it */
function mergeParts(parts: readonly ResponsePart[]): MergedResponse {
  const [first] = parts;
  if (!first?.result) throw new Error('The first part has no result.');
  const { data } = first.result;
  const errors: GraphQLFormattedError[] = [...(first.result.errors ?? [])];
  const pending = new Set<string>();
  const failedPaths: Path[] = [];
  for (const [index, part] of parts.entries()) {
    for (const { id } of part.pending) pending.add(id);
    for (const { fragment, added, errors: ownErrors } of part.completed) {
      if (!pending.delete(fragment.id)) throw new Error(`The fragment ${fragment.id} was not announced.`);
      errors.push(...ownErrors);
      if (!added) failedPaths.push(fragment.path);
      for (const each of added ?? []) {
        const target = getObject(data, [...fragment.path, ...each.path]);
        for (const [key, value] of Object.entries(each.data)) {
          if (key in target) throw new Error(`The field ${key} was sent twice.`);
          target[key] = value;
        }
      }
    }
    // A fragment inside another one is announced with the object that it completes.
    for (const { path } of part.pending) getObject(data, path);
    const isLast = index === parts.length - 1;
    if (part.hasNext === isLast) throw new Error('The wrong part ends the response.');
  }
  if (pending.size > 0) throw new Error('The response ended before all fragments were complete.');
  const response = { ...(errors.length > 0 && { errors }), data: data ?? null };
  return { response, partCount: parts.length, failedPaths };
}

function getObject(data: unknown, path: Path): Record<string, unknown> {
  let value = data;
  for (const step of path) value = (value as Record<string | number, unknown> | null | undefined)?.[step];
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`There is no object at ${path.join('.')}.`);
  return value as Record<string, unknown>;
}
