import type { RuleState } from '@seguridad-abc/contracts';
import { badUserInput, ExpectedError } from '@seguridad-abc/platform';
import type { Decision, Refusal } from '../domain/decision.js';
import { at } from '../domain/fault.js';
import { NameTakenError } from './rule-store.js';

/** Turns what a command came to into its answer or its error. */
export async function settle(committed: Promise<Decision>): Promise<RuleState> {
  let decision: Decision;
  try {
    decision = await committed;
  } catch (error) {
    throw error instanceof NameTakenError ? nameTaken() : error;
  }
  switch (decision.kind) {
    case 'happened':
      return decision.event.data.rule;
    case 'unchanged':
      return decision.rule;
    case 'refused':
      throw asError(decision.refusal);
  }
}

function asError({ code, faults, version }: Refusal): ExpectedError {
  if (code === 'BAD_USER_INPUT') return badUserInput(faults);
  const message = faults.map((fault) => fault.message).join(' ');
  return new ExpectedError(code, message, { faults, ...(version !== undefined && { version }) });
}

function nameTaken(): ExpectedError {
  const message = 'The user has a rule of this name for this opening already.';
  return new ExpectedError('CONFLICT', message, {
    faults: [{ path: at('name'), code: 'CONFLICT', message }],
  });
}
