import { isAbsolute } from 'node:path';
import { instantSchema } from '@seguridad-abc/contracts';
import {
  createBadUserInputError,
  ExpectedError,
  getErrorMessage,
  type HttpServer,
  type IdentityService,
  type Logger,
} from '@seguridad-abc/platform';
import express from 'express';
import { z } from 'zod';
import type { CompactionResult, LogCompaction } from './log-compaction.js';

const MAX_BODY_SIZE = '16kb';
const HTTP_STATUS: Readonly<Record<string, number>> = { BAD_USER_INPUT: 400, CONFLICT: 409 };

const requestSchema = z.object({
  before: instantSchema.optional(),
  archiveFolder: z.string().refine(isAbsolute, 'must be an absolute path').optional(),
  isDryRun: z.boolean().optional(),
});

/** What `GET /log/compaction` answers. */
export interface CompactionStatus {
  readonly isRunning: boolean;
  /** Of the last request; null while it runs. */
  readonly result: CompactionResult | null;
  /** Why the last request failed. */
  readonly error: string | null;
}

export interface CompactionRoutesOptions {
  readonly app: HttpServer['app'];
  readonly identity: Pick<IdentityService, 'assertFromInstallation'>;
  readonly compaction: LogCompaction;
  /** Whether this instance does the work that only one may do. */
  readonly isLeader: () => boolean;
  /** The horizon without `before` in a request; undefined: there is none. */
  readonly getDefaultHorizon: () => string | undefined;
  readonly defaultArchiveFolder: string | undefined;
  readonly logger: Logger;
}

/**
 * Serves `POST /log/compaction` with `{ before?, archiveFolder?, isDryRun? }`, which begins to remove old history, and
 * `GET /log/compaction`, which answers how far that is. An instance that does not lead refuses the first one with
 * status 409 and `leads: false`. Both are for the tools of this installation, never for web pages.
 */
export function serveCompaction(options: CompactionRoutesOptions): void {
  const { app, identity, compaction, isLeader, getDefaultHorizon, defaultArchiveFolder, logger } = options;
  let status: CompactionStatus = { isRunning: false, result: null, error: null };

  app.use('/log/compaction', ({ headers }, _response, next) => {
    identity.assertFromInstallation(headers);
    next();
  });
  app.get('/log/compaction', (_request, response) => {
    response.set('cache-control', 'no-store').json(status);
  });
  app.post('/log/compaction', express.json({ limit: MAX_BODY_SIZE }), (request, response) => {
    try {
      if (!isLeader()) {
        const { message, extensions } = new ExpectedError(
          'CONFLICT',
          'Another instance of monitoring leads and removes history. Send the request to that one.',
        );
        // The tools then ask another instance.
        response.status(409).json({ errors: [{ message, extensions }], leads: false });
        return;
      }
      // A web page cannot send this type to another origin without a preflight.
      const isJson = /^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '');
      const parsed = requestSchema.safeParse(isJson ? request.body : undefined);
      const before = parsed.data?.before ?? getDefaultHorizon();
      if (!parsed.success || before === undefined) {
        const message = parsed.success
          ? 'before is needed, because LOG_RETENTION_DAYS is 0.'
          : z.prettifyError(parsed.error);
        throw createBadUserInputError([{ path: ['before'], code: 'INVALID', message }]);
      }
      if (compaction.isRunning || status.isRunning)
        throw new ExpectedError(
          'CONFLICT',
          'History is being removed already. Repeat it when that has ended.',
        );
      const { isDryRun, archiveFolder = defaultArchiveFolder } = parsed.data;
      status = { isRunning: true, result: null, error: null };
      compaction.run({ before, isDryRun, archiveFolder }).then(
        (result) => (status = { isRunning: false, result, error: null }),
        (error: unknown) => {
          if (!(error instanceof ExpectedError))
            logger.error({ err: error }, 'old history cannot be removed');
          status = { isRunning: false, result: null, error: getErrorMessage(error) };
        },
      );
      response.status(202).json(status);
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error;
      const { message, extensions } = error;
      response.status(HTTP_STATUS[extensions.code] ?? 400).json({ errors: [{ message, extensions }] });
    }
  });
}
