import { parseInstant } from '@seguridad-abc/evaluation';
import type { Maintenance } from './maintenance.js';
import { toInstant } from './moment.js';

const MAX_REASON = 500;
const MAX_DAYS = 400;
const DAY_MS = 24 * 60 * 60 * 1_000;
/** A reason is one line: it stands in logs, badges and terminals. */
const CONTROL = /\p{Cc}|\p{Cs}/u;

/** One thing wrong with a request. `docs/errors.md` lists the codes. */
export interface Fault {
  readonly path: readonly string[];
  readonly code:
    'REQUIRED' | 'INVALID' | 'EMPTY' | 'TOO_LONG' | 'CONTROL_CHARACTER' | 'PAST' | 'TOO_FAR_AHEAD';
  readonly message: string;
}

/** @returns the maintenance that a request's body asks for from now on, or everything that is wrong with it */
export function readMaintenance(
  service: string,
  body: unknown,
  wall: number,
): Maintenance | { readonly faults: readonly Fault[] } {
  const { reason, until } = (typeof body === 'object' && body !== null ? body : {}) as {
    reason?: unknown;
    until?: unknown;
  };
  const text = typeof reason === 'string' ? reason.trim() : undefined;
  const end = typeof until === 'string' ? parseInstant(until) : undefined;
  const faults = [...reasonFaults(reason, text), ...untilFaults(until, end, wall)];
  if (faults.length > 0 || text === undefined) return { faults };
  return { service, reason: text, since: wall, until: end === undefined ? undefined : Date.parse(end) };
}

function reasonFaults(given: unknown, text: string | undefined): Fault[] {
  const fault = (code: Fault['code'], message: string): Fault[] => [{ path: ['reason'], code, message }];
  if (given === undefined || given === null) return fault('REQUIRED', 'reason must be given.');
  if (text === undefined) return fault('INVALID', 'reason must be a text.');
  if (text === '') return fault('EMPTY', 'reason must not be empty.');
  const length = Array.from(text).length;
  if (length > MAX_REASON) {
    return fault('TOO_LONG', `reason must have at most ${MAX_REASON} characters; it has ${length}.`);
  }
  return CONTROL.test(text) ? fault('CONTROL_CHARACTER', 'reason must not hold control characters.') : [];
}

function untilFaults(given: unknown, end: string | undefined, wall: number): Fault[] {
  const fault = (code: Fault['code'], message: string): Fault[] => [{ path: ['until'], code, message }];
  if (given === undefined || given === null) return [];
  if (end === undefined) {
    return fault('INVALID', 'until must be a time with an offset, such as 2026-01-31T08:00:00Z.');
  }
  const ms = Date.parse(end) - wall;
  if (ms <= 0) return fault('PAST', `until must be in the future; it is now ${toInstant(wall)}.`);
  return ms > MAX_DAYS * DAY_MS
    ? fault('TOO_FAR_AHEAD', `until must be at most ${MAX_DAYS} days ahead.`)
    : [];
}
