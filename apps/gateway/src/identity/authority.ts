import { createHash } from 'node:crypto';
import type { Credentials } from './credentials.js';

/**
 * Equal for callers of equal authority: it covers who calls, and whatever is shown to a subgraph of that. Two tokens of
 * one user are two authorities, since a subgraph may read anything in them.
 */
export const authorityOf = ({ caller, headers }: Credentials): string =>
  createHash('sha256')
    .update(JSON.stringify([caller?.role ?? null, caller?.id ?? null, headers]))
    .digest('base64url');
