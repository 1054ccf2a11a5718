import { expect, test } from 'vitest';
import { examine, generateCase } from './case.js';
import { createOurs } from './engines/ours.js';
import { reportSupergraph } from './report.js';
import { FIRST_SEED, RUNS, TIMEOUT_MS } from './runs.js';
import { generateSubgraphs } from './supergraphs/generate.js';
import { createWorld, type World } from './world/world.js';

const OPERATIONS_A_SUPERGRAPH = 10;

/** Undefined where what was made up does not compose. */
function worldOf(seed: number): World | undefined {
  try {
    return createWorld(generateSubgraphs(seed));
  } catch {
    return undefined;
  }
}

test(
  'over supergraphs at random, ours answers as one schema that holds all the data',
  async () => {
    let compared = 0;
    for (let seed = FIRST_SEED; compared < RUNS; seed += 1) {
      const world = worldOf(seed);
      if (!world) continue;
      const engine = createOurs(world);
      for (let index = 0; index < OPERATIONS_A_SUPERGRAPH; index += 1) {
        const each = generateCase(world, seed * OPERATIONS_A_SUPERGRAPH + index);
        const { differences } = await examine(world, engine, each);
        if (differences.length > 0) {
          const report = await reportSupergraph(world, createOurs, each);
          expect.fail(`DIFFERENTIAL_SEED=${seed}\n${report}`);
        }
        compared += 1;
      }
    }
  },
  TIMEOUT_MS,
);
