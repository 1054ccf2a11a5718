import { badUserInputError, type InputFault } from '@seguridad-abc/platform';
import type { CursorForm } from './cursor.js';
import type { Place } from './list-reader.js';

const DEFAULT_SIZE = 20;
const MAX_SIZE = 200;

/** The arguments of a Relay connection. Null is as good as absent. */
export interface PageArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** A page that can be had. */
export interface Page<At extends Place> {
  /** From which end of what lies between the cursors it is taken. */
  readonly from: 'start' | 'end';
  readonly size: number;
  readonly after: At | undefined;
  readonly before: At | undefined;
}

/**
 * @param others what is wrong besides
 * @throws ExpectedError BAD_USER_INPUT with every fault
 */
export function readPage<At extends Place>(
  args: PageArgs,
  form: CursorForm<At>,
  others: readonly InputFault[] = [],
): Page<At> {
  const faults = [...others];
  const fault = (path: keyof PageArgs, code: string, message: string) => {
    faults.push({ path: [path], code, message });
  };
  const size = (name: 'first' | 'last') => {
    const value = args[name] ?? undefined;
    if (value !== undefined && (value < 1 || value > MAX_SIZE)) {
      fault(name, 'OUT_OF_RANGE', `${name} must be from 1 to ${MAX_SIZE}; it is ${value}.`);
    }
    return value;
  };
  const place = (name: 'after' | 'before') => {
    const cursor = args[name] ?? undefined;
    const found = cursor === undefined ? undefined : form.read(cursor);
    if (cursor !== undefined && found === undefined) {
      fault(name, 'INVALID', `${name} must be a cursor that a list of this kind gave.`);
    }
    return found;
  };

  const first = size('first');
  const last = size('last');
  const after = place('after');
  const before = place('before');
  if (first !== undefined && last !== undefined) {
    fault('last', 'NOT_TOGETHER', 'first and last must not be given together.');
  }
  if (faults.length > 0) throw badUserInputError(faults);
  return last === undefined
    ? { from: 'start', size: first ?? DEFAULT_SIZE, after, before }
    : { from: 'end', size: last, after, before };
}
