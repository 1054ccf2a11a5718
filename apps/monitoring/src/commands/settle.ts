import { badUserInputError, ExpectedError } from '@seguridad-abc/platform';
import type { Decision, Refusal } from '../domain/decision.js';
import { at } from '../domain/fault.js';
import { KeyReusedError, NameTakenError, type Repeated } from './state-store.js';

/** Turns what a command came to into its answer or its error. */
export async function settle<Event, State>(
  committed: Promise<Decision<Event, State> | Repeated<State>>,
): Promise<State> {
  let decision: Decision<Event, State> | Repeated<State>;
  try {
    decision = await committed;
  } catch (error) {
    throw asConflict(error);
  }
  if (decision.kind === 'refused') throw asError(decision.refusal);
  return decision.state;
}

export function asError({ code, faults, details }: Refusal): ExpectedError {
  if (code === 'BAD_USER_INPUT') return badUserInputError(faults);
  const message = faults.map((fault) => fault.message).join(' ');
  return new ExpectedError(code, message, { faults, ...details });
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
