import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ACCEPTED_OUTCOME, MAX_USER_ID_LENGTH } from '@seguridad-abc/contracts';
import { createBadUserInputError, type HttpServer, type IdentityService } from '@seguridad-abc/platform';
import express, { type Response } from 'express';
import { z } from 'zod';
import type { AuditRecord } from '../domain/audit-record.js';
import type { CommandCaller } from '../domain/decision.js';
import type { ExportedUserRecord } from './user-data-export.js';
import type { UserErasures } from './user-erasures.js';

const MAX_BODY_SIZE = '16kb';
/** How long a request waits for the end of the erasure. It continues afterwards. */
const COMPLETION_WAIT_MS = 20_000;

/** What the audit trail records as the caller of these routes. */
const INSTALLATION_CALLER: CommandCaller = { id: 'installation', role: 'operator' };

const userIdSchema = z.string().min(1).max(MAX_USER_ID_LENGTH);
const userSchema = z.object({ user: userIdSchema });

export interface UserRoutesOptions {
  readonly app: HttpServer['app'];
  readonly identity: Pick<IdentityService, 'assertFromInstallation'>;
  readonly erasures: Pick<UserErasures, 'request'>;
  readonly exportUserData: (userId: string) => AsyncIterable<ExportedUserRecord>;
  /** Resolves when the entry is stored. */
  readonly audit: (record: AuditRecord) => Promise<void>;
}

/**
 * Serves `GET /users/data?user=<id>`, everything that is stored of a user as JSON lines, and `POST /users/erasure` with
 * `{ user }`, which erases it. The response says `{ erased, pseudonym, isComplete }`; `erased` is false if nothing is stored of
 * the user. Only processes of this installation may use them, never web pages.
 */
export function serveUserRoutes({ app, identity, erasures, exportUserData, audit }: UserRoutesOptions): void {
  app.use('/users', ({ headers }, _response, next) => {
    identity.assertFromInstallation(headers);
    next();
  });

  app.get('/users/data', async ({ query }, response) => {
    const parsed = userSchema.safeParse(query);
    if (!parsed.success) {
      rejectUser(response);
      return;
    }
    const { id, role } = INSTALLATION_CALLER;
    const userId = parsed.data.user;
    const record = { action: 'exportUserData', outcome: ACCEPTED_OUTCOME, role, actor: id, address: null };
    await audit({ ...record, userId, subject: null });
    response.set('cache-control', 'no-store').type('application/jsonl');
    const lines = Readable.from(toLines(exportUserData(userId)));
    // A reader that ends early is no error of the service.
    await pipeline(lines, response).catch((error: unknown) => {
      if (!response.destroyed) throw error;
    });
  });

  app.post('/users/erasure', express.json({ limit: MAX_BODY_SIZE }), async (request, response) => {
    // A web page cannot send this type to another origin without a preflight.
    const isJson = /^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '');
    const parsed = userSchema.safeParse(request.body);
    if (!isJson || !parsed.success) {
      rejectUser(response);
      return;
    }
    const outcome = await erasures.request(INSTALLATION_CALLER, parsed.data.user);
    const answer =
      outcome.kind === 'accepted'
        ? {
            erased: true,
            pseudonym: outcome.pseudonym,
            isComplete: await outcome.waitUntilComplete(COMPLETION_WAIT_MS),
          }
        : { erased: false, pseudonym: null, isComplete: true };
    response.set('cache-control', 'no-store').json(answer);
  });
}

async function* toLines(records: AsyncIterable<ExportedUserRecord>) {
  for await (const record of records) yield `${JSON.stringify(record)}\n`;
}

function rejectUser(response: Response): void {
  const message = `user must be the id of a user: 1 to ${MAX_USER_ID_LENGTH} characters, in a JSON request.`;
  const { extensions } = createBadUserInputError([{ path: ['user'], code: 'INVALID', message }]);
  response.status(400).json({ errors: [{ message, extensions }] });
}
