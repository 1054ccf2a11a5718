import type { RuleState } from '@seguridad-abc/contracts';
import { badUserInput, ExpectedError } from '@seguridad-abc/platform';
import type { Decision, Refusal } from '../domain/decision.js';
import { at } from '../domain/fault.js';
import { KeyReusedError, NameTakenError, type Repeated } from './rule-store.js';

/** Turns what a command came to into its answer or its error. */
export async function settle(committed: Promise<Decision | Repeated>): Promise<RuleState> {
  let decision: Decision | Repeated;
  try {
    decision = await committed;
  } catch (error) {
    throw asConflict(error);
  }
  switch (decision.kind) {
    case 'happened':
      return decision.event.data.rule;
    case 'unchanged':
    case 'repeated':
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

function asConflict(error: unknown): unknown {
  if (error instanceof NameTakenError) {
    return conflict('name', 'The user has a rule of this name for this opening already.');
  }
  if (error instanceof KeyReusedError) {
    return conflict(
      'clientMutationId',
      'This clientMutationId was sent before with another command or input.',
    );
  }
  return error;
}

const conflict = (field: string, message: string): ExpectedError =>
  new ExpectedError('CONFLICT', message, { faults: [{ path: at(field), code: 'CONFLICT', message }] });
