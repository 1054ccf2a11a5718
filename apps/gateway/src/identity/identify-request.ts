import { AUTHORIZATION_HEADER, tokenNeeded } from '@seguridad-abc/platform';
import type { RequestHandler, Response } from 'express';
import { ANONYMOUS, type Credentials } from './credentials.js';
import type { Identify } from './identify.js';
import type { Openness } from './public-fields.js';

const LOCAL = 'credentials';

/** Finds out who sends a request, before its body is read. One whose token is not good goes no further. */
export const identifyRequest =
  (identify: Identify, open: Openness): RequestHandler =>
  async ({ headers }, { locals }, next) => {
    const credentials = await identify(headers[AUTHORIZATION_HEADER]);
    if (!credentials.caller && !open.status && !open.schema) throw tokenNeeded();
    locals[LOCAL] = credentials;
    next();
  };

export const credentialsIn = ({ locals }: Response): Credentials =>
  (locals[LOCAL] as Credentials | undefined) ?? ANONYMOUS;
