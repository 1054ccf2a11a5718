import { ACCEPTED_OUTCOME, type Actor, type AuditAttempt, type AuditSummary } from '@seguridad-abc/contracts';
import { createAuditSummaries } from '@seguridad-abc/platform';
import type { GraphQLError } from 'graphql';
import { getAddressGroup } from '../requests/client-address.js';
import type { RequestContext } from '../requests/transport-hooks.js';

/** The codes of errors with which the gateway, or a subgraph that keeps no audit trail, refuses a request. */
export const REFUSAL_CODES: ReadonlySet<unknown> = new Set([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'UNAUTHORIZED_FIELD_OR_TYPE',
  'SIGN_IN_FAILED',
  'RATE_LIMITED',
  'OVERLOADED',
  'QUOTA_EXCEEDED',
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

/** It records refused commands and senders itself. */
const AUDITING_SUBGRAPH = 'monitoring';

/** Longer than the name of any field of this product. */
const MAX_ACTION_LENGTH = 64;

/** The sender of a request. */
export interface RefusedClient {
  /** Undefined for an anonymous client. */
  readonly caller: Actor | undefined;
  readonly address: string | null;
}

/** What a client wanted that signs in. */
export const SIGN_IN_ACTION = 'signIn';

/** Records the requests that the gateway refuses, and sign-ins. A request that is not refused costs nothing. */
export interface RefusalRecorder {
  /**
   * @param error with the code of the refusal; other codes are not recorded
   * @param action what the client wanted, such as the root fields of its operation
   */
  record(error: Pick<GraphQLError, 'extensions'>, action: string, client: RefusedClient): void;
  /** Records that a browser has signed in. */
  recordSignIn(client: RefusedClient): void;
  /** Records an error of a running operation. @param context undefined if the operation did not start */
  recordExecutionError(error: GraphQLError, context: RequestContext | undefined): void;
  /** Emits what is pending. */
  flush(): void;
}

/** @param emit receives the refusals, summarized per client and minute */
export function createRefusalRecorder(emit: (summaries: readonly AuditSummary[]) => void): RefusalRecorder {
  const summaries = createAuditSummaries({ emit, now: () => new Date().toISOString(), getAddressGroup });

  const add = (outcome: string, action: string, { caller, address }: RefusedClient) => {
    const attempt: AuditAttempt = {
      action: action.slice(0, MAX_ACTION_LENGTH),
      outcome,
      role: caller?.role ?? null,
      actor: caller?.id ?? null,
      ...(caller?.device !== undefined && { device: caller.device }),
      address,
      userId: caller && caller.role !== 'operator' ? caller.id : null,
      subject: null,
    };
    summaries.record(attempt);
  };

  const record: RefusalRecorder['record'] = ({ extensions: { code } }, action, client) => {
    if (REFUSAL_CODES.has(code)) add(String(code), action, client);
  };

  return {
    record,
    recordSignIn: (client) => add(ACCEPTED_OUTCOME, SIGN_IN_ACTION, client),
    recordExecutionError(error, context) {
      if (!context || error.extensions['serviceName'] === AUDITING_SUBGRAPH) return;
      const [field = 'operation'] = error.path ?? [];
      record(error, String(field), { caller: context.credentials().caller, address: context.clientAddress });
    },
    flush: summaries.flush,
  };
}
