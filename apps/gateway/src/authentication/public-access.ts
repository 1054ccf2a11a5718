import { createMissingTokenError } from '@seguridad-abc/platform';

/** Root fields that anonymous clients may read if the status is public. */
const STATUS_FIELDS = ['services', 'service', 'heartbeat', '__typename'];
/** Root fields that development tools read before the user has a token. */
const SCHEMA_FIELDS = ['__schema', '__type'];

/** The parts of the API that are public: no token is needed. */
export interface PublicAccess {
  readonly status: boolean;
  readonly schema: boolean;
}

/**
 * Checks an anonymous operation: every root field must be public.
 * @param rootFields names of the operation's root fields, including those in fragments
 * @throws ExpectedError UNAUTHENTICATED
 */
export function assertPublicOperation(rootFields: readonly string[], publicAccess: PublicAccess): void {
  const isPublic = (field: string) =>
    (publicAccess.status && STATUS_FIELDS.includes(field)) ||
    (publicAccess.schema && SCHEMA_FIELDS.includes(field));
  if (rootFields.length === 0 || !rootFields.every(isPublic)) {
    throw createMissingTokenError();
  }
}
