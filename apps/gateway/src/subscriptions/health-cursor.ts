import { createHash } from 'node:crypto';
import type { ServiceHealthSnapshot } from '@seguridad-abc/contracts';
import { badUserInputError } from '@seguridad-abc/platform';
import { allTold, type Told } from '../domain/news.js';

const PREFIX = 'h1.';
/** Of base64url: 48 bits a service. */
const MARK_LENGTH = 8;
const FORM = /^h1\.(?:[\w-]{8})*$/;
const MAX_LENGTH = 8_192;

/**
 * What a client has been told of health, as a text that it brings back: a digest of each service's status and since when.
 * It says the same to every gateway, since all of that comes from the monitor.
 */
export const healthCursor = (told: Told): string =>
  PREFIX + [...told].map(([name, mark]) => digest(name, mark)).join('');

/**
 * @returns what a client has been told that brings this cursor, of what is present
 * @throws ExpectedError BAD_USER_INPUT
 */
export function toldBy(cursor: string, present: readonly ServiceHealthSnapshot[]): Told {
  if (cursor.length > MAX_LENGTH || !FORM.test(cursor)) {
    const message = 'after must be the cursor of a payload of this subscription.';
    throw badUserInputError([{ path: ['after'], code: 'INVALID', message }]);
  }
  const known = new Set<string>();
  for (let at = PREFIX.length; at < cursor.length; at += MARK_LENGTH) {
    known.add(cursor.slice(at, at + MARK_LENGTH));
  }
  return new Map([...allTold(present, null)].filter(([name, mark]) => known.has(digest(name, mark))));
}

const digest = (name: string, mark: string): string =>
  createHash('sha256').update(`${name} ${mark}`).digest('base64url').slice(0, MARK_LENGTH);
