import { randomUUID } from 'node:crypto';
import { MAX_AUDIT_SUMMARIES, type AuditSummary } from '@seguridad-abc/contracts';
import { getErrorMessage, type Logger } from '@seguridad-abc/platform';
import { ServiceStatusError, type ServiceClient } from '../supergraph/service-client.js';

/** Summaries that wait for monitoring. They have at most 1 KiB each. */
export const MAX_WAITING_SUMMARIES = 2_000;
/** Summaries of this time are sent together. */
const SEND_DELAY_MS = 200;
const DEFAULT_RETRY_DELAY_MS = 5_000;
const REQUEST_TIMEOUT_MS = 5_000;
/** Monitoring does not accept the body of the request, now or later. */
const REFUSED_BODY_STATUSES: readonly number[] = [400, 413];

export interface SummarySenderOptions {
  /** Any instance of monitoring stores summaries. */
  readonly monitoring: ServiceClient;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  /** @default 5 s */
  readonly retryDelayMs?: number;
}

/** Sends summaries of refusals to monitoring, which keeps the audit trail. No request of a client waits for it. */
export interface SummarySender {
  readonly send: (summaries: readonly AuditSummary[]) => void;
  /** Sends what is waiting, without trying again. */
  readonly close: () => Promise<void>;
}

/**
 * While monitoring is away, summaries wait in a queue of limited length. If it is full, further ones are dropped, which is
 * logged with their number, as are those that monitoring does not accept. A batch is repeated unchanged and with its number, so that
 * monitoring stores it once, also at another instance.
 */
export function createSummarySender({
  monitoring,
  logger,
  retryDelayMs = DEFAULT_RETRY_DELAY_MS,
}: SummarySenderOptions): SummarySender {
  const waiting: AuditSummary[] = [];
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | undefined;

  const sender = randomUUID();
  /** The batch that is being sent. Its summaries are the first ones that wait. */
  let current: { readonly batch: number; readonly size: number } | undefined;
  let batches = 0;

  const sendBatch = async (): Promise<void> => {
    current ??= { batch: ++batches, size: Math.min(waiting.length, MAX_AUDIT_SUMMARIES) };
    const { batch, size } = current;
    try {
      await monitoring.send({
        path: '/audit/summaries',
        body: { summaries: waiting.slice(0, size), id: { sender, batch } },
        read: (response) => response.arrayBuffer(),
        timeoutMs: REQUEST_TIMEOUT_MS,
      });
    } catch (error) {
      const isRefused = error instanceof ServiceStatusError && REFUSED_BODY_STATUSES.includes(error.status);
      if (!isRefused) throw error;
      // Later ones must not wait for it.
      logger.warn({ error: getErrorMessage(error), summaries: size }, 'monitoring does not accept refusals');
      dropped += size;
    }
    waiting.splice(0, size);
    current = undefined;
  };

  /** @throws if monitoring is away */
  const sendWaiting = async () => {
    while (waiting.length > 0) await sendBatch();
    if (dropped > 0) logger.error({ summaries: dropped }, 'refusals are missing in the audit trail');
    dropped = 0;
  };

  const sendAll = async () => {
    try {
      await sendWaiting();
    } catch (error) {
      logger.warn(
        { error: getErrorMessage(error), summaries: waiting.length },
        'refusals cannot be sent to monitoring; trying again',
      );
      schedule(retryDelayMs);
    }
  };

  const start = () => {
    timer = undefined;
    sending = sendAll().finally(() => {
      sending = undefined;
    });
  };

  const schedule = (delayMs: number) => {
    timer ??= setTimeout(start, delayMs).unref();
  };

  return {
    send(summaries) {
      // Another supergraph has no audit trail.
      if (!monitoring.hasService) return;
      const room = MAX_WAITING_SUMMARIES - waiting.length;
      waiting.push(...summaries.slice(0, room));
      dropped += Math.max(0, summaries.length - room);
      if (!sending) schedule(SEND_DELAY_MS);
    },
    async close() {
      await sending;
      clearTimeout(timer);
      try {
        await sendWaiting();
      } catch (error) {
        logger.warn(
          { error: getErrorMessage(error), summaries: waiting.length },
          'the last refusals are missing in the audit trail',
        );
      }
    },
  };
}
