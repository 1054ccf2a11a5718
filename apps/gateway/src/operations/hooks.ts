import { CONSISTENCY_HEADER, formatConsistencyToken, laterConsistencyToken } from '@seguridad-abc/contracts';
import {
  getRootFieldNames,
  type ResponseAdditions,
  type ClientRequest,
  type TransportHooks,
  type SessionRequest,
} from '@seguridad-abc/executor';
import { CORRELATION_HEADER, readCorrelationId } from '@seguridad-abc/platform';
import { EXTENSION, readToken } from '../consistency/read-token.js';
import type { ErrorFormatter } from '../errors.js';
import type { Identify } from '../identity/identify.js';
import { openSession } from '../identity/open-session.js';
import { assertPublic, type Openness } from '../identity/public-fields.js';
import { remember, type GatewaySession } from './client-session.js';
import type { NewRequestContext, RequestContext } from './request-context.js';

export interface OperationHooksOptions {
  readonly identify: Identify;
  readonly open: Openness;
  readonly newContext: NewRequestContext;
  readonly formatError: ErrorFormatter;
}

/** How this product serves operations, the same over every transport. */
export const operationHooks = ({
  identify,
  open,
  newContext,
  formatError,
}: OperationHooksOptions): TransportHooks<RequestContext, GatewaySession> => ({
  createSession: openSession(identify, open),

  createContext(call) {
    const { session, request, signal } = call;
    if (!session.credentials.caller)
      assertPublic(session.credentials, getRootFieldNames(request.document, request.operation), open);
    return newContext({
      correlationId: correlationIdOf(call),
      credentials: () => session.credentials,
      mustSee: laterConsistencyToken(session.written, tokenOf(call)),
      signal,
      isShared: request.subscriptionPlan !== undefined,
    });
  },

  onResponse({ consistency: { written, staleness } }, _, { session }): ResponseAdditions | undefined {
    remember(session, written);
    if (!written && staleness === undefined) return undefined;
    const token = written && formatConsistencyToken(written);
    return {
      extensions: {
        ...(token !== undefined && { [EXTENSION]: token }),
        ...(staleness !== undefined && { staleness }),
      },
      ...(token !== undefined && { headers: { [CONSISTENCY_HEADER]: token } }),
    };
  },

  formatError: (error, opening) => formatError(error, correlationIdOf(opening)),
  statuses: { IDENTITY_UNAVAILABLE: 503 },
});

/** Over HTTP every request has one by now; of a WebSocket's operations each has its own, unless its client has named all. */
const correlationIdOf = ({ headers }: SessionRequest): string =>
  readCorrelationId(headers[CORRELATION_HEADER]);

/** A WebSocket's headers are from before all its operations. */
const tokenOf = ({ transport, headers, extensions }: ClientRequest<GatewaySession>) =>
  readToken(extensions, transport === 'websocket' ? undefined : headers[CONSISTENCY_HEADER]);
