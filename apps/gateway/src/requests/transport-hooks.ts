import {
  CLIENT_ADDRESS_HEADER,
  CONSISTENCY_TOKEN_HEADER,
  formatConsistencyToken,
  type ConsistencyToken,
} from '@seguridad-abc/contracts';
import {
  drawQueryPlan,
  formatQueryPlan,
  getRootFieldNames,
  type QueryPlan,
  type ResponseAdditions,
  type SessionCredentials,
  type TransportHooks,
  type ExecutorContext,
  type AbortSignalLike,
} from '@seguridad-abc/executor';
import {
  CORRELATION_ID_HEADER,
  createForbiddenError,
  resolveCorrelationId,
  type Logger,
} from '@seguridad-abc/platform';
import {
  assertPublicOperation,
  createSessionOpener,
  recordSessionWrite,
  deriveAuthorizationKey,
  type Authenticator,
  type PublicAccess,
  type GatewaySession,
  type AuthenticationResult,
} from './authentication.js';
import type { ClientAddressResolver } from './client-address.js';
import { assertWithinBudget, getCostBudget, type CostBudgets } from './cost-budgets.js';
import { assertSignedOperation, type SignedRequests } from '../devices/signed-requests.js';
import type { GatewayErrorFormatter } from './error-formatter.js';
import { createExtensionFilter, type ExtensionFilter } from './extension-filter.js';
import type { OperationStatistics } from '../metrics/operation-statistics.js';
import type { ClientLimits } from '../shares/client-limits.js';
import { OperationSpan, type ExecutionSpan } from '../tracing/operation-tracing.js';
import {
  CONSISTENCY_TOKEN_EXTENSION,
  type ClientConsistencyTokens,
  type ReceivedConsistency,
} from './client-consistency-tokens.js';
import {
  addSubgraphConsistency,
  createRequestConsistency,
  getResponseToken,
  type RequestConsistency,
} from './request-consistency.js';

/**
 * Key of the cost in the `extensions`: a client that sends `true` receives the estimate, its budget, and what it may still use now
 * (https://ibm.github.io/graphql-specs/cost-spec.html).
 */
const COST_EXTENSION = 'cost';

/** Key of the query plan in the `extensions`: an operator who sends `true` receives it, as {@link createPlanExtension} writes it. */
const QUERY_PLAN_EXTENSION = 'queryPlan';

export interface TransportHooksOptions {
  readonly authenticate: Authenticator;
  readonly resolveClientAddress: ClientAddressResolver;
  readonly publicAccess: PublicAccess;
  /** Maximum size of the request body of a client without a token. */
  readonly maxAnonymousBodyBytes: number;
  readonly signedRequests: SignedRequests;
  /** Undefined: operations of any cost are allowed. */
  readonly costBudgets: CostBudgets | undefined;
  /** Undefined: clients are not limited. */
  readonly limits: ClientLimits | undefined;
  /** Find the document of a request, or refuse it. */
  readonly documentHooks: Pick<
    TransportHooks<RequestContext, GatewaySession>,
    'resolveDocument' | 'mayRegisterDocument'
  >;
  readonly consistencyTokens: ClientConsistencyTokens;
  readonly formatError: GatewayErrorFormatter;
  /** Names of the `extensions` of subgraphs' responses that clients receive; `*` for all. */
  readonly forwardedExtensions: readonly string[];
  /** Counts executed operations. */
  readonly operationStatistics: Pick<OperationStatistics, 'record'>;
  /** Undefined: tracing is off. */
  readonly startTrace?: TransportHooks<RequestContext, GatewaySession>['startTrace'];
  readonly logger: Logger;
}

/**
 * Creates the executor's hooks for this product, the same for every transport: authenticate the client, authorize
 * anonymous operations, and pass the correlation id and the consistency token through.
 */
export function createTransportHooks(
  options: TransportHooksOptions,
): TransportHooks<RequestContext, GatewaySession> {
  const { authenticate, publicAccess, costBudgets, limits, consistencyTokens, formatError, logger } = options;
  const { operationStatistics } = options;
  const rateLimiter = limits?.rateLimiter;
  const isForwarded =
    options.forwardedExtensions.length > 0 ? createExtensionFilter(options.forwardedExtensions) : undefined;
  const createEventCharge = ({ payer }: GatewaySession, cost: number) =>
    payer && rateLimiter && ((nowMs: number) => rateLimiter.chargeEvent(payer, cost, nowMs));
  return {
    ...options.documentHooks,
    createSession: createSessionOpener(authenticate, options),

    startTrace: options.startTrace,

    getAccess: ({ credentials }) => credentials.access,

    slots: limits?.slots,

    traffic: rateLimiter && {
      chargeBytes({ payer }, byteCount) {
        if (payer) rateLimiter.chargeBytes(payer, byteCount);
      },
      chargeMessage({ payer }) {
        if (payer) rateLimiter.chargeMessage(payer);
      },
    },

    onRejectedDocument({ payer }, query) {
      if (payer) rateLimiter?.chargeRejectedDocument(payer, query);
    },

    authorizeRootFields({ credentials }, rootFieldNames) {
      if (!credentials.caller) assertPublicOperation(rootFieldNames, publicAccess);
    },

    authorize({ session, operation, extensions }) {
      const { caller } = session.credentials;
      if (!caller) {
        assertPublicOperation(getRootFieldNames(operation.document, operation.operation), publicAccess);
      }
      if (extensions[QUERY_PLAN_EXTENSION] === true) assertMaySeePlans(session);
      if (session.isSigned) assertSignedOperation(getRootFieldNames(operation.document, operation.operation));
      if (!costBudgets && extensions[COST_EXTENSION] !== true) return;
      // It throws here if it cannot be estimated: after the execution of a command, that would be too late.
      const cost = operation.estimateCost();
      if (costBudgets) assertWithinBudget(cost, getCostBudget(costBudgets, caller));
      if (session.payer) rateLimiter?.charge(session.payer, cost, operation.isPlanned);
    },

    createContext(clientRequest) {
      const { session, request, signal, transport, headers, extensions, trace } = clientRequest;
      const correlationId = getCorrelationId(clientRequest);
      const operationSpan = trace instanceof OperationSpan ? trace : undefined;
      operationSpan?.span.setAttributes({ 'seguridad.correlation_id': correlationId });
      return createRequestContext(
        {
          correlationId,
          clientAddress: session.clientAddress,
          fairnessKey: getConnectionFairnessKey(session),
          credentials: () => session.credentials,
          sessionToken: session.writtenToken,
          // On a WebSocket the header is ignored: it dates from the handshake, before all operations.
          received: consistencyTokens.read(
            extensions,
            transport === 'websocket' ? undefined : headers[CONSISTENCY_TOKEN_HEADER],
          ),
          signal,
          trace: operationSpan,
          isShareable: request.subscriptionPlan !== undefined,
          isForwarded,
          chargeEvent: request.subscriptionPlan && createEventCharge(session, request.estimateCost()),
        },
        logger,
      );
    },

    onResponse(context, result, { session, request, extensions, trace }): ResponseAdditions | undefined {
      const { consistency, forwardedExtensions } = context;
      // It is called again for the last part of a response in parts.
      if (!context.isCounted) {
        context.isCounted = true;
        const isIdentified = session.credentials.caller !== undefined;
        const durationMs = performance.now() - context.startedAt;
        operationStatistics.record(request.operation, isIdentified, result, durationMs);
        if (trace instanceof OperationSpan) trace.recordResult(result);
      }
      const { requiredToken, hasWritten, stalenessMs } = consistency;
      if (hasWritten) recordSessionWrite(session, requiredToken);
      const wantsCost = extensions[COST_EXTENSION] === true;
      const wantsPlan = extensions[QUERY_PLAN_EXTENSION] === true;
      const responseToken = getResponseToken(consistency);
      if (!responseToken && stalenessMs === undefined && !wantsCost && !wantsPlan && !forwardedExtensions)
        return undefined;
      const token = responseToken && consistencyTokens.seal(responseToken);
      return {
        extensions: {
          ...forwardedExtensions,
          ...(wantsCost && {
            [COST_EXTENSION]: {
              estimate: request.estimateCost(),
              budget: costBudgets ? getCostBudget(costBudgets, session.credentials.caller) : null,
              remaining: session.payer && rateLimiter ? rateLimiter.getRemaining(session.payer) : null,
            },
          }),
          ...(wantsPlan && { [QUERY_PLAN_EXTENSION]: createPlanExtension(request.queryPlan) }),
          ...(token !== undefined && { [CONSISTENCY_TOKEN_EXTENSION]: token }),
          ...(stalenessMs !== undefined && { staleness: stalenessMs }),
        },
        ...(token !== undefined && { headers: { [CONSISTENCY_TOKEN_HEADER]: token } }),
      };
    },

    formatError: (error, sessionRequest) => formatError(error, getCorrelationId(sessionRequest)),
    statuses: { IDENTITY_UNAVAILABLE: 503, OPERATION_NOT_ALLOWED: 403, TAMPERED: 401, REPLAYED: 401 },
  };
}

/** @throws ExpectedError FORBIDDEN: plans name subgraphs and fields that clients cannot see */
function assertMaySeePlans({ credentials }: GatewaySession): void {
  if (credentials.caller?.role === 'operator') return;
  throw createForbiddenError(
    `Only operators can see query plans. Send the request without "${QUERY_PLAN_EXTENSION}" in its extensions.`,
  );
}

/** The plan as data, as text, and as a Mermaid flowchart. */
const createPlanExtension = (queryPlan: QueryPlan) => ({
  ...queryPlan,
  text: formatQueryPlan(queryPlan),
  mermaid: drawQueryPlan(queryPlan),
});

/**
 * The HTTP server has set the id of an HTTP request. On a WebSocket, all operations share the id of the handshake if the
 * client sent one; otherwise each operation gets a new id.
 */
const getCorrelationId = ({ headers }: Pick<SessionCredentials, 'headers'>): string =>
  resolveCorrelationId(headers[CORRELATION_ID_HEADER]);

/** Extensions that the gateway itself sends. No subgraph may replace them. */
const OWN_EXTENSIONS = [COST_EXTENSION, CONSISTENCY_TOKEN_EXTENSION, 'staleness', 'cursor', '__proto__'];

/** The executor's context of one operation: what subgraphs receive, and what they return beside data. */
export interface RequestContext extends ExecutorContext {
  readonly headers: () => Readonly<Record<string, string>>;
  readonly correlationId: string;
  readonly clientAddress: string;
  readonly consistency: RequestConsistency;
  /** The forwarded extensions of the subgraphs' responses. Of equal names, that of the last response counts. */
  forwardedExtensions: Record<string, unknown> | undefined;
  /** The current credentials: a client may renew its token while a subscription runs. */
  readonly credentials: () => AuthenticationResult;
  /** When the operation was prepared, in milliseconds of `performance.now()`. */
  readonly startedAt: number;
  /** Undefined: the operation is not traced. */
  readonly trace: ExecutionSpan | undefined;
  /** Whether the response is in the statistics of operations. */
  isCounted: boolean;
}

export interface RequestContextOptions {
  /** Names the operation in the logs of every process. */
  readonly correlationId: string;
  /** The client's IP address, for the audit trail. */
  readonly clientAddress: string;
  /** Names the caller whose share of the connections to subgraphs the operation uses. Undefined: it waits for no other operation. */
  readonly fairnessKey?: string | undefined;
  readonly credentials: () => AuthenticationResult;
  /** The state after the session's last command, which the operation must see. */
  readonly sessionToken?: ConsistencyToken | undefined;
  /** What the client's consistency tokens demand. */
  readonly received?: ReceivedConsistency | undefined;
  readonly signal: AbortSignalLike;
  /** The trace of the operation. @default it is not traced */
  readonly trace?: ExecutionSpan | undefined;
  /** Whether callers with equal authorization may share the operation's execution: true for subscriptions. */
  readonly isShareable: boolean;
  /** Decides which extensions of the subgraphs' responses clients receive. @default none */
  readonly isForwarded?: ExtensionFilter | undefined;
  /** Charges the caller for an event of a subscription; throws to end it. */
  readonly chargeEvent?: ((nowMs: number) => void) | undefined;
}

/** The key by which planning is fair too. Operators wait for nobody: their tools send much at once. */
const getConnectionFairnessKey = ({ credentials, fairnessKey }: GatewaySession): string | undefined =>
  credentials.caller?.role === 'operator' ? undefined : fairnessKey;

/** Creates the context of one operation. */
export function createRequestContext(options: RequestContextOptions, logger: Logger): RequestContext {
  const { correlationId, clientAddress, fairnessKey, credentials, sessionToken, received, signal } = options;
  const { isForwarded, trace } = options;
  const consistency = createRequestConsistency(sessionToken, received);
  const context: RequestContext = {
    fairnessKey,
    chargeEvent: options.chargeEvent,
    authorizationKey: options.isShareable ? deriveAuthorizationKey(credentials()) : undefined,
    correlationId,
    clientAddress,
    consistency,
    credentials,
    signal,
    startedAt: performance.now(),
    isCounted: false,
    trace,
    logger: () =>
      logger.child({
        correlationId,
        ...(trace && { traceId: trace.span.traceId, spanId: trace.span.spanId }),
      }),
    forwardedExtensions: undefined,
    onExtensions(extensions) {
      addSubgraphConsistency(consistency, extensions);
      if (!isForwarded) return;
      for (const [name, value] of Object.entries(extensions))
        if (isForwarded(name) && !OWN_EXTENSIONS.includes(name))
          (context.forwardedExtensions ??= {})[name] = value;
    },
    traceHeaders: () => ({
      [CORRELATION_ID_HEADER]: correlationId,
      [CLIENT_ADDRESS_HEADER]: clientAddress,
    }),
    headers() {
      const { headers } = credentials();
      const token = consistency.requiredToken;
      return token ? { ...headers, [CONSISTENCY_TOKEN_HEADER]: formatConsistencyToken(token) } : headers;
    },
  };
  return context;
}
