import type { FormattedExecutionResult } from 'graphql';
import { compareResponses, findMisnamedErrors } from './compare-responses.js';
import { generateOperation } from './random-operations/generate-operation.js';
import { shrinkOperation } from './random-operations/shrink-operation.js';
import { hashToFraction } from './seeded-random.js';
import type { DataSettings } from './test-supergraph/generated-data.js';
import type { RequestHandler, TestRequest } from './test-supergraph/test-subgraph.js';
import type { TestSupergraph } from './test-supergraph/test-supergraph.js';

/** A request, and the settings of the data that it is executed on. */
export interface DifferentialCase {
  readonly request: TestRequest;
  readonly dataSettings: DataSettings;
}

export interface CaseOutcome {
  readonly response: FormattedExecutionResult;
  /** The response of one schema that holds all data. */
  readonly expected: FormattedExecutionResult;
  readonly differences: readonly string[];
}

/** Every other case has no resolver errors, because nulls from errors hide other differences. */
export const generateCase = (supergraph: TestSupergraph, seed: number): DifferentialCase => ({
  request: generateOperation(seed, {
    schema: supergraph.schema,
    collidingAliases: supergraph.facts.keyAndRequiredFieldNames,
  }),
  dataSettings: {
    seed,
    errorRate: seed % 2 === 0 ? 0 : 0.05,
    nullRate: hashToFraction(`nulls ${seed}`) < 0.3 ? 0 : 0.1,
  },
});

/** Executes a case with an engine and with one schema that holds all data, and compares the responses. */
export async function runCase(
  supergraph: TestSupergraph,
  engine: RequestHandler,
  { request, dataSettings }: DifferentialCase,
): Promise<CaseOutcome> {
  supergraph.resetData(dataSettings);
  const expected = await supergraph.executeMonolith(request);
  supergraph.resetData(dataSettings);
  const response = await engine(request);
  supergraph.resetData(dataSettings);
  const all = response.errors ? await supergraph.executeNullableMonolith(request) : expected;
  const differences = [...compareResponses(response, expected), ...findMisnamedErrors(response, all)];
  return { response, expected, differences };
}

/** @returns the smallest case that still has differences */
export async function shrinkCase(
  supergraph: TestSupergraph,
  engine: RequestHandler,
  { request, dataSettings }: DifferentialCase,
): Promise<DifferentialCase> {
  const hasDifferences = async (smaller: TestRequest) =>
    (await runCase(supergraph, engine, { request: smaller, dataSettings })).differences.length > 0;
  return { dataSettings, request: await shrinkOperation(supergraph.schema, request, hasDifferences) };
}
