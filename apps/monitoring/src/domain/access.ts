import { canAccessUser, type Actor, type InputFault } from '@seguridad-abc/contracts';
import { refused, type Refused } from './decision.js';
import { at, inInput } from './fault.js';

/** Why a caller may not command rules at all; undefined where he may. */
export const mayNotCommand = ({ role }: Actor): Refused | undefined =>
  role === 'device' ? forbidden(at(), 'A device may record readings, and nothing else.') : undefined;

/** The thing as the caller may know it: to everyone but operators, that of another is one that is not there. */
export const visibleTo = <Thing extends { readonly userId: string }>(
  caller: Actor,
  thing: Thing | undefined,
): Thing | undefined => (thing && canAccessUser(caller, thing.userId) ? thing : undefined);

/** What is forbidden is refused as such, whatever else is wrong. */
export function forbiddenAmong(faults: readonly InputFault[]): Refused | undefined {
  const forbidding = faults.filter(({ code }) => code === 'FORBIDDEN');
  return forbidding.length > 0 ? refused({ code: 'FORBIDDEN', faults: forbidding.map(inInput) }) : undefined;
}

const forbidden = (path: InputFault['path'], message: string): Refused =>
  refused({ code: 'FORBIDDEN', faults: [{ path, code: 'FORBIDDEN', message }] });
