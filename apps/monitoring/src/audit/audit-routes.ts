import {
  auditQuerySchema,
  auditSummariesSchema,
  type AuditBatch,
  type AuditSummary,
  type DeviceState,
} from '@seguridad-abc/contracts';
import { createBadUserInputError, type HttpServer, type IdentityService } from '@seguridad-abc/platform';
import express, { type Response } from 'express';
import { z } from 'zod';
import type { AuditTrail } from './audit-trail.js';

/** 200 summaries with six texts of 128 characters each. */
const MAX_BODY_SIZE = '1mb';

export interface AuditRoutesOptions {
  readonly app: HttpServer['app'];
  readonly identity: Pick<IdentityService, 'assertFromInstallation'>;
  readonly auditTrail: Pick<AuditTrail, 'readPage'>;
  /** Resolves when the summaries are stored. @param batch undefined: an older gateway has sent them */
  readonly appendSummaries: (
    summaries: readonly AuditSummary[],
    batch: AuditBatch | undefined,
  ) => Promise<void>;
}

/**
 * Serves `GET /audit`, which reports and the tools read, and `POST /audit/summaries`, to which the gateway sends its refusals.
 * Only processes of this installation may use them.
 */
export function serveAuditRoutes({ app, identity, auditTrail, appendSummaries }: AuditRoutesOptions): void {
  app.use('/audit', ({ headers }, _response, next) => {
    identity.assertFromInstallation(headers);
    next();
  });
  app.get('/audit', async ({ query }, response) => {
    const parsed = auditQuerySchema.safeParse(query);
    if (!parsed.success) {
      rejectRequest(response, parsed.error);
      return;
    }
    response.set('cache-control', 'no-store').json(await auditTrail.readPage(parsed.data));
  });
  app.post('/audit/summaries', express.json({ limit: MAX_BODY_SIZE }), async ({ body }, response) => {
    const parsed = auditSummariesSchema.safeParse(body);
    if (!parsed.success) {
      rejectRequest(response, parsed.error);
      return;
    }
    await appendSummaries(parsed.data.summaries, parsed.data.id);
    response.status(204).end();
  });
}

/**
 * The gateway knows the id of a device that signs its requests, but not the user's. The user's id is needed to export and erase
 * the entry.
 */
export async function nameUserOfDevice(
  summary: AuditSummary,
  findDevice: (id: string) => Promise<DeviceState | undefined>,
): Promise<AuditSummary> {
  const { actor, device } = summary;
  if (device === undefined || actor !== device) return summary;
  const userId = (await findDevice(device))?.userId;
  return userId === undefined ? summary : { ...summary, actor: userId, userId };
}

function rejectRequest(response: Response, error: z.ZodError): void {
  const message = z.prettifyError(error);
  const { extensions } = createBadUserInputError([{ path: ['request'], code: 'INVALID', message }]);
  response.status(400).json({ errors: [{ message, extensions }] });
}
