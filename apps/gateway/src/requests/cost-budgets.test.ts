import { describe, expect, it } from 'vitest';
import { assertWithinBudget, getCostBudget, getCostBudgets } from './cost-budgets.js';
import { readGatewayConfig } from '../config.js';

const budgets = getCostBudgets(
  readGatewayConfig({
    MAX_COST_ANONYMOUS: '1',
    MAX_COST_DEVICE: '2',
    MAX_COST_CUSTOMER: '3',
    MAX_COST_OPERATOR: '4',
  }),
);

describe('the budget of an operation', () => {
  it.each([
    [undefined, 1],
    ['device', 2],
    ['customer', 3],
    ['operator', 4],
  ] as const)('of a caller with the role %s', (role, budget) => {
    const caller = role && { id: 'ana', role, expiresAt: Infinity };
    expect(getCostBudget(budgets, caller)).toBe(budget);
  });

  it('may be used up, and not exceeded: the error has the cost and the budget', () => {
    assertWithinBudget(3, 3);
    expect(() => assertWithinBudget(8_040_200.5, 20_000)).toThrow(
      expect.objectContaining({
        message:
          'The operation can cost 8,040,201; your budget is 20,000. Request smaller pages, or nest fewer lists.',
        extensions: { code: 'OPERATION_TOO_COSTLY', cost: 8_040_201, budget: 20_000 },
      }),
    );
  });

  it('is exceeded by a cost that cannot be estimated', () => {
    expect(() => assertWithinBudget(Infinity, 1e9)).toThrow('more than can be estimated');
  });
});
