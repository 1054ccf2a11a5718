import { parse, validate } from 'graphql';
import { examine, shrinkCase, type Case } from './case.js';
import { shrinkSubgraphs } from './supergraphs/shrink.js';
import type { Subgraphs } from './world/compose.js';
import type { Ask } from './world/subgraph.js';
import { createWorld, type World } from './world/world.js';

/** Shows a case that fails, as small as it can be made, so that it can be made a test. */
export async function reportOperation(world: World, engine: Ask, failing: Case): Promise<string> {
  return describeCase(world, engine, await shrinkCase(world, engine, failing));
}

/** The same, with the subgraphs made smaller too. */
export async function reportSupergraph(
  world: World,
  createEngine: (world: World) => Ask,
  failing: Case,
): Promise<string> {
  const smallest = await shrinkCase(world, createEngine(world), failing);
  const subgraphs = await shrinkSubgraphs(world.subgraphs, async (smaller: Subgraphs) => {
    const other = createWorld(smaller);
    const isValid = validate(other.schema, parse(smallest.request.query)).length === 0;
    return isValid && (await examine(other, createEngine(other), smallest)).differences.length > 0;
  });
  const small = createWorld(subgraphs);
  const sdl = Object.entries(subgraphs).map(([name, text]) => `# ${name}\n${text.trim()}`);
  return [...sdl, await describeCase(small, createEngine(small), smallest)].join('\n\n');
}

async function describeCase(world: World, engine: Ask, failing: Case): Promise<string> {
  const { answer, right, differences } = await examine(world, engine, failing);
  const { request, circumstances } = failing;
  return [
    request.query,
    `variables ${JSON.stringify(request.variables ?? {})}`,
    `circumstances ${JSON.stringify(circumstances)}`,
    `differs: ${differences.join('; ')}`,
    `is    ${JSON.stringify(answer)}`,
    `ought ${JSON.stringify(right)}`,
  ].join('\n');
}
