import type { AuditAttempt } from '@seguridad-abc/contracts';
import { ExpectedError, type AuditSummaries } from '@seguridad-abc/platform';
import type { CommandCaller } from '../domain/decision.js';
import type { RefusedReading } from '../domain/reading-batch.js';

/** A command of the API. */
type Command = (caller: CommandCaller, input: never, ...rest: never[]) => Promise<unknown>;

/**
 * Wraps commands so that the audit trail counts their refusals. What a command changes is recorded in its transaction
 * (`AppendAuditEntry`).
 * @param commands by the names of their mutations
 */
export const createAuditedCommands = <Commands extends object>(
  commands: Commands,
  summaries: Pick<AuditSummaries, 'record'>,
): Commands =>
  Object.fromEntries(
    Object.entries(commands as Record<string, Command>).map(([name, command]) => [
      name,
      async (caller: CommandCaller, input: never, ...rest: never[]) => {
        try {
          const result = await command(caller, input, ...rest);
          recordRefusedReadings(caller, name, input, result, summaries);
          return result;
        } catch (error) {
          if (error instanceof ExpectedError)
            summaries.record(createAttempt(caller, name, error.extensions.code, input));
          throw error;
        }
      },
    ]),
  ) as Commands;

/** Creates the audit record of a command that changes nothing. @param input of which ids are recorded */
export function createAttempt(
  { id, role, device, address }: CommandCaller,
  action: string,
  outcome: string,
  input: object,
): AuditAttempt {
  const { userId, id: subject } = input as { userId?: unknown; id?: unknown };
  return {
    action,
    outcome,
    role,
    actor: id,
    ...(device !== undefined && { device }),
    address: address ?? null,
    userId: typeof userId === 'string' ? userId : role === 'operator' ? null : id,
    subject: typeof subject === 'string' ? subject : null,
  };
}

/** A command whose readings are partly refused is accepted. Each refusal counts. */
function recordRefusedReadings(
  caller: CommandCaller,
  name: string,
  input: object,
  result: unknown,
  summaries: Pick<AuditSummaries, 'record'>,
): void {
  const { refused } = (result ?? {}) as { refused?: readonly RefusedReading[] };
  for (const { code } of refused ?? []) summaries.record(createAttempt(caller, name, code, input));
}
