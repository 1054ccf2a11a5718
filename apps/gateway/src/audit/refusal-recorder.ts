import type { AuditAttempt, AuditSummary } from '@seguridad-abc/contracts';
import { createAuditSummaries, type Caller } from '@seguridad-abc/platform';
import type { GraphQLError } from 'graphql';
import type { RequestContext } from '../requests/transport-hooks.js';

/** The codes of errors with which the gateway, or a subgraph that keeps no audit trail, refuses a request. */
const REFUSAL_CODES: ReadonlySet<unknown> = new Set([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'RATE_LIMITED',
  'OPERATION_TOO_COSTLY',
  'OPERATION_TOO_COMPLEX',
  'OPERATION_NOT_ALLOWED',
  'PAYLOAD_TOO_LARGE',
  'TAMPERED',
  'REPLAYED',
  'TOO_MANY_CONNECTIONS',
  'TOO_MANY_OPERATIONS',
  'TOO_MANY_SUBSCRIPTIONS',
]);

/** It records refused commands itself. */
const AUDITING_SUBGRAPH = 'monitoring';

/** Longer than the name of any field of this product. */
const MAX_ACTION_LENGTH = 64;

/** The sender of a request. */
export interface RefusedClient {
  /** Undefined for an anonymous client. */
  readonly caller: Caller | undefined;
  readonly address: string | null;
}

/** Records the requests that the gateway refuses. A request that is not refused costs nothing. */
export interface RefusalRecorder {
  /** @param action what the client wanted, such as the root fields of its operation */
  record(error: GraphQLError, action: string, client: RefusedClient): void;
  /** Records an error of a running operation. @param context undefined if the operation did not start */
  recordExecutionError(error: GraphQLError, context: RequestContext | undefined): void;
  /** Emits what is pending. */
  flush(): void;
}

/** @param emit receives the refusals, summarized per client and minute */
export function createRefusalRecorder(emit: (summaries: readonly AuditSummary[]) => void): RefusalRecorder {
  const summaries = createAuditSummaries({ emit, now: () => new Date().toISOString() });

  const record: RefusalRecorder['record'] = ({ extensions }, action, { caller, address }) => {
    const { code } = extensions;
    if (!REFUSAL_CODES.has(code)) return;
    const attempt: AuditAttempt = {
      action: action.slice(0, MAX_ACTION_LENGTH),
      outcome: String(code),
      role: caller?.role ?? null,
      actor: caller?.id ?? null,
      address,
      userId: caller && caller.role !== 'operator' ? caller.id : null,
      subject: null,
    };
    summaries.record(attempt);
  };

  return {
    record,
    recordExecutionError(error, context) {
      if (!context || error.extensions['serviceName'] === AUDITING_SUBGRAPH) return;
      const [field = 'operation'] = error.path ?? [];
      record(error, String(field), { caller: context.credentials().caller, address: context.clientAddress });
    },
    flush: summaries.flush,
  };
}
