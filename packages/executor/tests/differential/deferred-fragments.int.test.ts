import { expect, test } from 'vitest';
import { generateCase } from './differential-case.js';
import { createExecutorEngine } from './engines/executor-engine.js';
import { createPartsEngine, type MergedResponse } from './engines/parts-engine.js';
import { addDefer } from './random-operations/add-defer.js';
import { generateSubgraphs } from './random-supergraphs/generate-subgraphs.js';
import { FIRST_SEED, OPERATION_COUNT, TIMEOUT_MS } from './run-settings.js';
import { createTestSupergraph, type TestSupergraph } from './test-supergraph/test-supergraph.js';

const OPERATIONS_PER_SUPERGRAPH = 10;
const CASE_COUNT = Math.ceil(OPERATION_COUNT / 4);

/** @returns undefined if the generated subgraphs do not compose */
function createRandomSupergraph(seed: number): TestSupergraph | undefined {
  try {
    return createTestSupergraph(generateSubgraphs(seed));
  } catch {
    return undefined;
  }
}

/**
 * Compares a response with the one that has all data at once. Where it has data, the parts have the same. They can have more: a null
 * in a deferred fragment takes nothing away that was sent before.
 * @returns the paths that differ
 */
function findLostData(all: unknown, { response, failedPaths }: MergedResponse): string[] {
  const lost: string[] = [];
  const hasFailedAbove = (path: string) =>
    failedPaths.some((failed) => failed.length === 0 || `${path}.`.startsWith(`${failed.join('.')}.`));
  const compare = (expected: unknown, actual: unknown, path: string): void => {
    if (expected === null || expected === undefined) return;
    if (typeof expected !== 'object' || typeof actual !== 'object' || actual === null) {
      if (actual !== expected && !(actual === undefined && hasFailedAbove(path))) lost.push(path);
      return;
    }
    for (const [key, value] of Object.entries(expected)) {
      const below = (actual as Record<string, unknown>)[key];
      compare(value, below, path === '' ? key : `${path}.${key}`);
    }
  };
  compare(all, response.data, '');
  return lost;
}

const sortKeys = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sortKeys(each)]));
};

test(
  'over random supergraphs, the parts of a response add up to the whole response',
  async () => {
    let compared = 0;
    let deferred = 0;
    for (let seed = FIRST_SEED; compared < CASE_COUNT; seed += 1) {
      const supergraph = createRandomSupergraph(seed);
      if (!supergraph) continue;
      const executeAtOnce = createExecutorEngine(supergraph);
      const executeInParts = createPartsEngine(supergraph);
      for (let index = 0; index < OPERATIONS_PER_SUPERGRAPH; index += 1) {
        const caseSeed = seed * OPERATIONS_PER_SUPERGRAPH + index;
        const { request, dataSettings } = generateCase(supergraph, caseSeed);
        // Deferred fields of a mutation are read after all its root fields, so that some have other values.
        if (request.query.startsWith('mutation')) continue;
        const withDefer = addDefer(request, caseSeed);
        supergraph.resetData(dataSettings);
        const all = await executeAtOnce(request);
        supergraph.resetData(dataSettings);
        const merged = await executeInParts(withDefer);
        const report = `DIFFERENTIAL_SEED=${seed}, operation ${index}\n${withDefer.query}\n${JSON.stringify(withDefer.variables)}`;
        if (all.errors) {
          expect(findLostData(all.data, merged), report).toEqual([]);
          expect(merged.response.errors, report).toBeDefined();
        } else {
          expect(sortKeys(merged.response), report).toEqual(sortKeys(all));
        }
        compared += 1;
        if (merged.partCount > 1) deferred += 1;
      }
    }
    // Otherwise the test compares nothing: 64 % of the operations were answered in several parts.
    expect(deferred).toBeGreaterThan(compared * 0.3);
  },
  TIMEOUT_MS,
);
