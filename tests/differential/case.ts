import type { FormattedExecutionResult } from 'graphql';
import { differences } from './compare.js';
import { generateOperation } from './operations/generate.js';
import { shrinkOperation } from './operations/shrink.js';
import { share } from './random.js';
import type { Ask, Request } from './world/subgraph.js';
import type { Circumstances } from './world/values.js';
import type { World } from './world/world.js';

/** A request over data that its seed decides. */
export interface Case {
  readonly request: Request;
  readonly circumstances: Circumstances;
}

export interface Outcome {
  readonly answer: FormattedExecutionResult;
  /** From the monolith. */
  readonly right: FormattedExecutionResult;
  readonly differences: readonly string[];
}

/** Every other case is without faults: they would hide others behind nulls. */
export const generateCase = (world: World, seed: number): Case => ({
  request: generateOperation(seed, { schema: world.schema, temptingNames: world.facts.readNames }),
  circumstances: {
    seed,
    faults: seed % 2 === 0 ? 0 : 0.05,
    nulls: share(`nulls ${seed}`) < 0.3 ? 0 : 0.1,
  },
});

export async function examine(world: World, engine: Ask, { request, circumstances }: Case): Promise<Outcome> {
  world.begin(circumstances);
  const right = await world.monolith(request);
  world.begin(circumstances);
  const answer = await engine(request);
  return { answer, right, differences: differences(answer, right) };
}

/** @returns the smallest case that still fails */
export async function shrinkCase(world: World, engine: Ask, { request, circumstances }: Case): Promise<Case> {
  const fails = async (smaller: Request) =>
    (await examine(world, engine, { request: smaller, circumstances })).differences.length > 0;
  return { circumstances, request: await shrinkOperation(world.schema, request, fails) };
}
