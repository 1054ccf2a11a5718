import { parse, validate } from 'graphql';
import { runCase, shrinkCase, type DifferentialCase } from './differential-case.js';
import { shrinkSubgraphs } from './random-supergraphs/shrink-subgraphs.js';
import type { SubgraphSdls } from './test-supergraph/compose-subgraphs.js';
import type { RequestHandler } from './test-supergraph/test-subgraph.js';
import { createTestSupergraph, type TestSupergraph } from './test-supergraph/test-supergraph.js';

/** Describes a failing case with the smallest operation that still fails. */
export async function describeFailure(
  supergraph: TestSupergraph,
  engine: RequestHandler,
  failing: DifferentialCase,
): Promise<string> {
  return describeCase(supergraph, engine, await shrinkCase(supergraph, engine, failing));
}

/** Describes a failing case with the smallest operation and the smallest subgraphs that still fail. */
export async function describeFailureWithSubgraphs(
  supergraph: TestSupergraph,
  createEngine: (supergraph: TestSupergraph) => RequestHandler,
  failing: DifferentialCase,
): Promise<string> {
  const smallest = await shrinkCase(supergraph, createEngine(supergraph), failing);
  const sdls = await shrinkSubgraphs(supergraph.sdls, async (smaller: SubgraphSdls) => {
    const other = createTestSupergraph(smaller);
    const isValid = validate(other.schema, parse(smallest.request.query)).length === 0;
    return isValid && (await runCase(other, createEngine(other), smallest)).differences.length > 0;
  });
  const small = createTestSupergraph(sdls);
  const sections = Object.entries(sdls).map(([name, sdl]) => `# ${name}\n${sdl.trim()}`);
  return [...sections, await describeCase(small, createEngine(small), smallest)].join('\n\n');
}

async function describeCase(
  supergraph: TestSupergraph,
  engine: RequestHandler,
  failing: DifferentialCase,
): Promise<string> {
  const { response, expected, differences } = await runCase(supergraph, engine, failing);
  const { request, dataSettings } = failing;
  return [
    request.query,
    `variables: ${JSON.stringify(request.variables ?? {})}`,
    `data settings: ${JSON.stringify(dataSettings)}`,
    `differences: ${differences.join('; ')}`,
    `actual:   ${JSON.stringify(response)}`,
    `expected: ${JSON.stringify(expected)}`,
  ].join('\n');
}
