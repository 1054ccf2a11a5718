import type { FormattedExecutionResult } from 'graphql';
import { describe, expect, test } from 'vitest';
import { differences } from './compare.js';
import { createOurs } from './engines/ours.js';
import { createStock } from './engines/stock.js';
import { faultsInExecution } from './faults/execution.js';
import type { FaultOfStock } from './faults/fault.js';
import { faultsInPlans } from './faults/plans.js';
import type { Ask } from './world/subgraph.js';
import { createWorld } from './world/world.js';

/** How stock and ours differ from what is right. */
async function compare(fault: FaultOfStock) {
  const { subgraphs, spoiled = {}, circumstances = {} } = fault;
  const world = createWorld(subgraphs);
  const spoilt = Object.entries(spoiled).map(([name, answer]): [string, Ask] => [
    name,
    () => Promise.resolve().then(answer),
  ]);
  const federation = { ...world, ask: { ...world.ask, ...Object.fromEntries(spoilt) } };
  const answerOf = async (engine: Ask): Promise<FormattedExecutionResult> => {
    world.begin({ seed: 0, faults: 0, nulls: 0, ...circumstances });
    return engine(fault);
  };
  const right = fault.right ?? (await answerOf((request) => world.monolith(request)));
  return {
    stock: differences(await answerOf(await createStock(federation)), right),
    ours: differences(await answerOf(createOurs(federation)), right),
  };
}

describe.each([
  ['in execution', faultsInExecution],
  ['in plans', faultsInPlans],
])('faults of stock %s, which ours does not share', (_, faults) => {
  test.each(faults.filter(({ isOurs }) => !isOurs).map((fault) => [fault.name, fault] as const))(
    '%s',
    async (__, fault) => {
      const { stock, ours } = await compare(fault);
      expect(ours).toEqual([]);
      expect(stock).not.toEqual([]);
    },
  );
});

describe('faults of the planner, which ours shares', () => {
  // Where one of these fails, the planner has been mended: the case belongs to those above.
  test.each(faultsInPlans.filter(({ isOurs }) => isOurs).map((fault) => [fault.name, fault] as const))(
    '%s',
    async (_, fault) => {
      const { stock, ours } = await compare(fault);
      expect(stock).not.toEqual([]);
      expect(ours).not.toEqual([]);
    },
  );
});
