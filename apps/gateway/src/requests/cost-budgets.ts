import type { Role } from '@seguridad-abc/contracts';
import { ExpectedError, type Caller } from '@seguridad-abc/platform';
import type { GatewayConfig } from '../config.js';

/** The greatest estimated cost that one operation may have, by the role of the caller. */
export type CostBudgets = Readonly<Record<Role | 'anonymous', number>>;

export const getCostBudgets = (config: GatewayConfig): CostBudgets => ({
  anonymous: config.MAX_COST_ANONYMOUS,
  device: config.MAX_COST_DEVICE,
  customer: config.MAX_COST_CUSTOMER,
  operator: config.MAX_COST_OPERATOR,
});

/** @param caller undefined for an anonymous one */
export const getCostBudget = (budgets: CostBudgets, caller: Caller | undefined): number =>
  budgets[caller?.role ?? 'anonymous'];

/** @throws ExpectedError OPERATION_TOO_COSTLY */
export function assertWithinBudget(cost: number, budget: number): void {
  if (cost <= budget) return;
  // JSON has no Infinity.
  const reported = Number.isFinite(cost) ? Math.ceil(cost) : null;
  const description = reported === null ? 'more than can be estimated' : reported.toLocaleString('en-US');
  throw new ExpectedError(
    'OPERATION_TOO_COSTLY',
    `The operation can cost ${description}; your budget is ${budget.toLocaleString('en-US')}. ` +
      'Request smaller pages, or nest fewer lists.',
    { cost: reported, budget },
  );
}
