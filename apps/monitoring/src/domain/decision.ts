import {
  canAccessUser,
  prioritizeForbiddenFaults,
  type Actor,
  type InputFault,
} from '@seguridad-abc/contracts';

/** The verified caller of a command. Events record only its id and role. */
export interface CommandCaller extends Actor {
  /** The IP address of the client, for the audit trail. */
  readonly address?: string | undefined;
}

/** Who sends a command, and when. */
export interface CommandContext {
  readonly caller: Actor;
  /** The server's instant at which the command is decided. */
  readonly now: string;
}

/** When an event happens, and who causes it. */
export interface EventCause {
  /** The server's instant. */
  readonly now: string;
  /** `null` if the passing of time causes the event. */
  readonly actor: Actor | null;
  /** Whether readings are withdrawn. */
  readonly isWithdrawal?: boolean | undefined;
}

export type RejectionCode =
  'BAD_USER_INPUT' | 'FORBIDDEN' | 'NOT_FOUND' | 'CONFLICT' | 'STALE_VERSION' | 'QUOTA_EXCEEDED';

/** Why a command changes nothing. It becomes the error that the client receives. */
export interface Rejection {
  readonly kind: 'rejected';
  readonly code: RejectionCode;
  readonly faults: readonly InputFault[];
  /** Further error extensions, such as the present version with `STALE_VERSION`. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The outcome of a `decide…` function: the events that change the state, or a rejection. Without events nothing changes. */
export type Decision<Event> = { readonly kind: 'accepted'; readonly events: readonly Event[] } | Rejection;

export const accept = <Event>(...events: readonly Event[]): Decision<Event> => ({ kind: 'accepted', events });

export const reject = (rejection: Omit<Rejection, 'kind'>): Rejection => ({ kind: 'rejected', ...rejection });

/**
 * Rejects an input. A forbidden field hides the other faults: the caller learns nothing else about the input.
 * @param faults with paths below the argument `input`
 */
export function rejectInput(faults: readonly InputFault[]): Rejection {
  const reported = prioritizeForbiddenFaults(faults);
  return reject({ code: reported.code, faults: reported.faults.map(prefixPath) });
}

/** Rejects a command that only operators may send. @param message what is forbidden, and what to do */
export function rejectUnlessOperator({ role }: Actor, message: string): Rejection | undefined {
  if (role === 'operator') return undefined;
  return reject({ code: 'FORBIDDEN', faults: [{ path: ['input'], code: 'FORBIDDEN', message }] });
}

/** Turns a decision into a rejection with further faults of the input. */
export function addInputFaults<Event>(decision: Decision<Event>, faults: readonly InputFault[]): Rejection {
  const isBadInput = decision.kind === 'rejected' && decision.code === 'BAD_USER_INPUT';
  const others = isBadInput ? decision.faults : [];
  return reject({ code: 'BAD_USER_INPUT', faults: [...faults.map(prefixPath), ...others] });
}

/** @param field the field of the input that conflicts with the state */
export const rejectConflict = (
  field: string,
  message: string,
  details: Rejection['details'] = {},
): Rejection =>
  reject({ code: 'CONFLICT', faults: [{ path: ['input', field], code: 'CONFLICT', message }], details });

/** What a command changes, in messages. */
type AggregateName = 'rule' | 'calendar' | 'exception' | 'alarm' | 'device';

export const rejectNotFound = (what: AggregateName): Rejection =>
  reject({
    code: 'NOT_FOUND',
    faults: [{ path: ['input', 'id'], code: 'NOT_FOUND', message: `There is no ${what} with this id.` }],
  });

/** Rejects a change that is based on another version. @param expected null or undefined: any version */
export function rejectStaleVersion(
  what: AggregateName,
  present: { readonly version: number },
  expected: number | null | undefined,
): Rejection | undefined {
  if (expected === null || expected === undefined || expected === present.version) return undefined;
  const message = `The ${what} is at version ${present.version}, not ${expected}. Read it again, then retry.`;
  return reject({
    code: 'STALE_VERSION',
    details: { version: present.version },
    faults: [{ path: ['input', 'expectedVersion'], code: 'STALE_VERSION', message }],
  });
}

/** Devices may only record readings. @returns undefined if the caller may send other commands */
export function rejectDeviceCaller({ role }: Actor): Rejection | undefined {
  if (role !== 'device') return undefined;
  const message = 'A device may only record readings. Use the token of a customer or an operator.';
  return reject({ code: 'FORBIDDEN', faults: [{ path: ['input'], code: 'FORBIDDEN', message }] });
}

/** Hides the state of other users: to a customer it looks as if it did not exist. */
export const getAccessibleState = <State extends { readonly userId: string }>(
  caller: Actor,
  state: State | undefined,
): State | undefined => (state && canAccessUser(caller, state.userId) ? state : undefined);

/** Keeps instants in the order of versions if the server's clock was set back. */
export const getLaterInstant = (a: string, b: string): string => (a > b ? a : b);

const prefixPath = (fault: InputFault): InputFault => ({ ...fault, path: ['input', ...fault.path] });
