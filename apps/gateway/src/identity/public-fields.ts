import { missingTokenError } from '@seguridad-abc/platform';
import type { Credentials } from './credentials.js';

/** What anybody may ask where the status is public. */
const STATUS_FIELDS = ['services', 'service', 'heartbeat', '__typename'];
/** What tools must know before anybody has signed in; only where the schema is shown at all. */
const SCHEMA_FIELDS = ['__schema', '__type'];

export interface Openness {
  readonly status: boolean;
  readonly schema: boolean;
}

/**
 * Lets an operation of nobody's pass where all of it is public.
 * @param fields the names of the operation's root fields, those in fragments included
 * @throws ExpectedError UNAUTHENTICATED
 */
export function assertPublic({ caller }: Credentials, fields: readonly string[], open: Openness): void {
  if (caller) return;
  const isPublic = (field: string) =>
    (open.status && STATUS_FIELDS.includes(field)) || (open.schema && SCHEMA_FIELDS.includes(field));
  if (fields.length === 0 || !fields.every(isPublic)) {
    throw missingTokenError();
  }
}
