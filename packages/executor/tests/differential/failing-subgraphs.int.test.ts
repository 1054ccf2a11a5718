import type { FormattedExecutionResult } from 'graphql';
import { expect, test } from 'vitest';
import { generateCase, type DifferentialCase } from './differential-case.js';
import { edgeCaseSupergraphs } from './edge-case-supergraphs/index.js';
import { createExecutorEngine } from './engines/executor-engine.js';
import { FIRST_SEED, OPERATION_COUNT, TIMEOUT_MS } from './run-settings.js';
import { createSeededRandom, type SeededRandom } from './seeded-random.js';
import type { RequestHandler } from './test-supergraph/test-subgraph.js';
import { createTestSupergraph, type TestSupergraph } from './test-supergraph/test-supergraph.js';

type Path = readonly (string | number)[];

/** Ways in which a subgraph fails a whole request. */
const failures: readonly RequestHandler[] = [
  () => Promise.reject(new Error('connect ECONNREFUSED')),
  () => Promise.resolve({ data: null, errors: [{ message: 'It is out of order.' }] }),
  () => Promise.resolve({ errors: [{ message: 'It is out of order.', extensions: { code: 'BROKEN' } }] }),
];

/** Wraps subgraphs so that 30 % of their requests fail. */
const makeUnreliable = (
  subgraphs: TestSupergraph['subgraphs'],
  random: SeededRandom,
): TestSupergraph['subgraphs'] =>
  Object.fromEntries(
    Object.entries(subgraphs).map(([name, handle]): [string, RequestHandler] => [
      name,
      (request) => (random.chance(0.3) ? random.pick(failures) : handle)(request),
    ]),
  );

/** Finds the paths where a value is missing (null in its place) or differs from the expected one. */
function findLosses(value: unknown, expected: unknown, path: Path = []): { nulled: Path[]; wrong: Path[] } {
  if (value === null && expected !== null) return { nulled: [path], wrong: [] };
  if (typeof value !== 'object' || typeof expected !== 'object' || value === null || expected === null) {
    return { nulled: [], wrong: value === expected ? [] : [path] };
  }
  const hasSameKeys = Object.keys(value).join() === Object.keys(expected).join();
  const losses = Object.entries(value).map(([key, each]) =>
    findLosses(each, (expected as Record<string, unknown>)[key], [
      ...path,
      Array.isArray(value) ? Number(key) : key,
    ]),
  );
  return {
    nulled: losses.flatMap(({ nulled }) => nulled),
    wrong: [...(hasSameKeys ? [] : [path]), ...losses.flatMap(({ wrong }) => wrong)],
  };
}

const isPrefix = (path: Path, other: Path): boolean => path.every((step, index) => other[index] === step);

/** @returns the nulls without an error at, above or below their path */
const findUnreported = (nulled: readonly Path[], { errors = [] }: FormattedExecutionResult): Path[] =>
  nulled.filter((loss) => !errors.some(({ path = [] }) => isPrefix(path, loss) || isPrefix(loss, path)));

async function runWithFailures(
  supergraph: TestSupergraph,
  { request, dataSettings }: DifferentialCase,
  seed: number,
) {
  const withoutErrors = { ...dataSettings, errorRate: 0 };
  supergraph.resetData(withoutErrors);
  const expected = await supergraph.executeMonolith(request);
  const subgraphs = makeUnreliable(supergraph.subgraphs, createSeededRandom(seed));
  const engine = createExecutorEngine({ ...supergraph, subgraphs });
  supergraph.resetData(withoutErrors);
  const response = await engine(request);
  return { response, expected, ...findLosses(response.data, expected.data) };
}

test.each(Object.entries(edgeCaseSupergraphs))(
  'over the supergraph "%s", data of failed subgraph requests is null with an error, and all other data is correct',
  async (_, sdls) => {
    const supergraph = createTestSupergraph(sdls);
    let losses = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + OPERATION_COUNT / 10; seed += 1) {
      const each = generateCase(supergraph, seed);
      // A failed mutation field also changes what later fields show.
      if (each.request.query.startsWith('mutation')) continue;
      const { response, expected, nulled, wrong } = await runWithFailures(supergraph, each, seed);
      const context = JSON.stringify({ ...each, response, expected });
      losses += nulled.length;
      expect(wrong, context).toEqual([]);
      expect(findUnreported(nulled, response), context).toEqual([]);
      for (const { extensions } of response.errors ?? []) expect(extensions, context).toHaveProperty('code');
    }
    expect(losses).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);
