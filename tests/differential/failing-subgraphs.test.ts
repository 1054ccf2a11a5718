import type { FormattedExecutionResult } from 'graphql';
import { expect, test } from 'vitest';
import { generateCase, type Case } from './case.js';
import { createOurs } from './engines/ours.js';
import { createRandom, type Random } from './random.js';
import { FIRST_SEED, RUNS, TIMEOUT_MS } from './runs.js';
import type { Ask } from './world/subgraph.js';
import { createWorld, type World } from './world/world.js';
import { awkward } from './worlds/index.js';

type Path = readonly (string | number)[];

/** Ways not to answer. */
const failures: readonly Ask[] = [
  () => Promise.reject(new Error('connect ECONNREFUSED')),
  () => Promise.resolve({ data: null, errors: [{ message: 'It is out of order.' }] }),
  () => Promise.resolve({ errors: [{ message: 'It is out of order.', extensions: { code: 'BROKEN' } }] }),
];

/** Subgraphs that now answer and now fail. */
const unreliable = (ask: World['ask'], random: Random): World['ask'] =>
  Object.fromEntries(
    Object.entries(ask).map(([name, answer]): [string, Ask] => [
      name,
      (request) => (random.chance(0.3) ? random.pick(failures) : answer)(request),
    ]),
  );

/** Where a value is not the right one, or there is null in its place. */
function findLosses(value: unknown, right: unknown, path: Path = []): { nulled: Path[]; wrong: Path[] } {
  if (value === null && right !== null) return { nulled: [path], wrong: [] };
  if (typeof value !== 'object' || typeof right !== 'object' || value === null || right === null) {
    return { nulled: [], wrong: value === right ? [] : [path] };
  }
  const isSame = Object.keys(value).join() === Object.keys(right).join();
  const below = Object.entries(value).map(([key, each]) =>
    findLosses(each, (right as Record<string, unknown>)[key], [
      ...path,
      Array.isArray(value) ? Number(key) : key,
    ]),
  );
  return {
    nulled: below.flatMap(({ nulled }) => nulled),
    wrong: [...(isSame ? [] : [path]), ...below.flatMap(({ wrong }) => wrong)],
  };
}

const begins = (path: Path, other: Path): boolean => path.every((step, index) => other[index] === step);

/** A loss that no error tells of: at its place, above or below it. */
const untold = (nulled: readonly Path[], { errors = [] }: FormattedExecutionResult): Path[] =>
  nulled.filter((loss) => !errors.some(({ path = [] }) => begins(path, loss) || begins(loss, path)));

async function examine(world: World, { request, circumstances }: Case, seed: number) {
  const wholeData = { ...circumstances, faults: 0 };
  world.begin(wholeData);
  const right = await world.monolith(request);
  const ours = createOurs({ ...world, ask: unreliable(world.ask, createRandom(seed)) });
  world.begin(wholeData);
  const answer = await ours(request);
  return { answer, right, ...findLosses(answer.data, right.data) };
}

test.each(Object.entries(awkward))(
  'over the supergraph "%s", what is lost with a subgraph is null and told, and nothing else is',
  async (_, subgraphs) => {
    const world = createWorld(subgraphs);
    let losses = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS / 10; seed += 1) {
      const each = generateCase(world, seed);
      // Mutations that fail leave out what others would have shown.
      if (each.request.query.startsWith('mutation')) continue;
      const { answer, right, nulled, wrong } = await examine(world, each, seed);
      const context = JSON.stringify({ ...each, answer, right });
      losses += nulled.length;
      expect(wrong, context).toEqual([]);
      expect(untold(nulled, answer), context).toEqual([]);
      for (const { extensions } of answer.errors ?? []) expect(extensions, context).toHaveProperty('code');
    }
    expect(losses).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);
