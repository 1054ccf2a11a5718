import { type InputFault, formatInstant } from '@seguridad-abc/contracts';
import { hasControlCharacter, normalizeInstant } from '@seguridad-abc/evaluation';

/** A period in which an operator has taken a service out of monitoring. */
export interface MaintenancePeriod {
  readonly service: string;
  readonly reason: string;
  /** Wall-clock time. */
  readonly since: number;
  /** Wall-clock time at which maintenance ends automatically. Without it, an operator ends maintenance. */
  readonly until: number | undefined;
}

/** Uses the wall clock, because an operator gives `until` as wall-clock time. */
export const isMaintenanceOver = ({ until }: MaintenancePeriod, wallMs: number): boolean =>
  until !== undefined && until <= wallMs;

/** Describes maintenance as the reason of a status. */
export const describeMaintenance = ({ reason, until }: MaintenancePeriod): string =>
  until === undefined ? `maintenance: ${reason}` : `maintenance until ${formatInstant(until)}: ${reason}`;

const MAX_REASON_CHARACTERS = 500;
const MAX_DAYS_AHEAD = 400;
const DAY_MS = 24 * 60 * 60 * 1_000;

/**
 * Validates the JSON body of a maintenance request.
 * @param wallMs the time of the request; maintenance starts then
 * @returns the maintenance period, or every fault of the request
 */
export function parseMaintenanceRequest(
  service: string,
  body: unknown,
  wallMs: number,
): MaintenancePeriod | { readonly faults: readonly InputFault[] } {
  const { reason, until } = (typeof body === 'object' && body !== null ? body : {}) as {
    reason?: unknown;
    until?: unknown;
  };
  const text = typeof reason === 'string' ? reason.trim() : undefined;
  const end = typeof until === 'string' ? normalizeInstant(until) : undefined;
  const faults = [...findReasonFaults(reason, text), ...findUntilFaults(until, end, wallMs)];
  if (faults.length > 0 || text === undefined) return { faults };
  return { service, reason: text, since: wallMs, until: end === undefined ? undefined : Date.parse(end) };
}

function findReasonFaults(input: unknown, text: string | undefined): InputFault[] {
  const fault = (code: InputFault['code'], message: string) => [{ path: ['reason'], code, message }];
  if (input === undefined || input === null) return fault('REQUIRED', 'reason must be given.');
  if (text === undefined) return fault('INVALID', 'reason must be a text.');
  if (text === '') return fault('EMPTY', 'reason must not be empty.');
  const length = Array.from(text).length;
  if (length > MAX_REASON_CHARACTERS) {
    return fault(
      'TOO_LONG',
      `reason must have at most ${MAX_REASON_CHARACTERS} characters; it has ${length}.`,
    );
  }
  // A reason is a single line, because logs, badges and terminals show it.
  return hasControlCharacter(text)
    ? fault('CONTROL_CHARACTER', 'reason must not contain control characters.')
    : [];
}

function findUntilFaults(input: unknown, end: string | undefined, wallMs: number): InputFault[] {
  const fault = (code: InputFault['code'], message: string) => [{ path: ['until'], code, message }];
  if (input === undefined || input === null) return [];
  if (end === undefined) {
    return fault('INVALID', 'until must be a time with an offset, such as 2026-01-31T08:00:00Z.');
  }
  const aheadMs = Date.parse(end) - wallMs;
  if (aheadMs <= 0) return fault('PAST', `until must be in the future; it is now ${formatInstant(wallMs)}.`);
  return aheadMs > MAX_DAYS_AHEAD * DAY_MS
    ? fault('TOO_FAR_AHEAD', `until must be at most ${MAX_DAYS_AHEAD} days ahead.`)
    : [];
}
