import { createHash } from 'node:crypto';
import { getLaterConsistencyToken, type ConsistencyToken } from '@seguridad-abc/contracts';
import type { ClientSession, SessionCredentials } from '@seguridad-abc/executor';
import {
  AUTHORIZATION_HEADER,
  hasAuthorization,
  createForbiddenError,
  createMissingTokenError,
  createUnauthenticatedError,
  parseBearerToken,
  type Caller,
  type IdentityService,
} from '@seguridad-abc/platform';
import type { SignedBodyVerifier, SignedRequests } from '../devices/signed-requests.js';
import type { ClientAddressResolver } from './client-address.js';

/** The sender of an operation, and the headers by which subgraphs verify it themselves. */
export interface AuthenticationResult {
  /** Undefined for anonymous requests, which may read public fields only. */
  readonly caller: Caller | undefined;
  /** Sent to subgraphs: the client's token and the headers that identify the gateway. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Authenticates a client by the value of an `Authorization` header. Synchronous if the token was verified recently.
 * @throws ExpectedError UNAUTHENTICATED for an invalid token; IDENTITY_UNAVAILABLE if tokens cannot be verified now
 */
export type Authenticator = (authorization: unknown) => AuthenticationResult | Promise<AuthenticationResult>;

/** Creates the gateway's authentication. Requests without credentials are anonymous, unless `AUTH=off`. */
export function createAuthenticator({
  authenticate,
  required,
  installationHeaders,
}: Pick<IdentityService, 'authenticate' | 'required' | 'installationHeaders'>): Authenticator {
  const anonymous: AuthenticationResult = { caller: undefined, headers: installationHeaders };
  /** The identity service returns the same caller object for the same token. */
  const credentialsByCaller = new WeakMap<Caller, AuthenticationResult>();

  const getCredentials = (caller: Caller, authorization: unknown): AuthenticationResult => {
    const cached = credentialsByCaller.get(caller);
    if (cached) return cached;
    // Never the client's own text, which may be long and in any spelling.
    const tokenHeaders = required
      ? { [AUTHORIZATION_HEADER]: `Bearer ${parseBearerToken(authorization)}` }
      : {};
    const credentials = { caller, headers: { ...installationHeaders, ...tokenHeaders } };
    credentialsByCaller.set(caller, credentials);
    return credentials;
  };

  return (authorization) => {
    if (required && !hasAuthorization(authorization)) return anonymous;
    return mapMaybePromise(authenticate(authorization), (caller) => getCredentials(caller, authorization));
  };
}

/**
 * Derives a key that is equal for credentials with equal authorization: same caller, same role, same headers for
 * subgraphs. Two tokens of one user have different keys, since a subgraph may read any claim.
 */
export const deriveAuthorizationKey = ({ caller, headers }: AuthenticationResult): string =>
  createHash('sha256')
    .update(JSON.stringify([caller?.role ?? null, caller?.id ?? null, headers]))
    .digest('base64url');

/** A client's state over all operations of a WebSocket, or over one HTTP request. */
export interface GatewaySession extends ClientSession {
  credentials: AuthenticationResult;
  expiresAt: number | undefined;
  /** The client's IP address, see `createClientAddressResolver`. */
  readonly clientAddress: string;
  /** The state after the session's last command. Later operations of the session see at least this state. */
  writtenToken: ConsistencyToken | undefined;
  /** Whether a device signs the request. Its credentials are those of an anonymous client until the body is verified. */
  readonly isSigned?: boolean;
}

/** Opens a session, or renews `previous` with a new token. */
export type SessionOpener = (
  request: SessionCredentials,
  previous?: GatewaySession,
) => GatewaySession | Promise<GatewaySession>;

export interface SessionOptions {
  readonly resolveClientAddress: ClientAddressResolver;
  readonly publicAccess: PublicAccess;
  /** Maximum size of the request body of a client without a token. */
  readonly maxAnonymousBodyBytes: number;
  readonly signedRequests: SignedRequests;
}

/** All anonymous clients have one share of what the gateway plans. No user has this id. */
const ANONYMOUS_KEY = '';

/**
 * Creates the function that authenticates sessions.
 *
 * HTTP requests bring the token in the header `authorization`, or the signature of a device. A WebSocket brings it in the payload of
 * `connection_init`, or in the header of its handshake. The payload of a later `ping` may bring a new token before the
 * old one expires; it must be for the same caller. The payload has the token as `authorization` (any case), at the top
 * level or under `headers`.
 */
export const createSessionOpener =
  (
    authenticate: Authenticator,
    { resolveClientAddress, publicAccess, maxAnonymousBodyBytes, signedRequests }: SessionOptions,
  ): SessionOpener =>
  (request, previous) => {
    const { headers, connectionParams } = request;
    const authorization = findAuthorization(connectionParams);
    if (previous) {
      if (!hasAuthorization(authorization)) return previous;
      return mapMaybePromise(authenticate(authorization), (credentials) =>
        renewSession(previous, credentials),
      );
    }
    const clientAddress = resolveClientAddress(request);
    // A WebSocket has no body that could be signed.
    const verifyBody = connectionParams ? undefined : signedRequests.open(headers, clientAddress);
    if (verifyBody) return createSignedSession(verifyBody, clientAddress, maxAnonymousBodyBytes);
    // A public schema is for development tools, which read it over HTTP. It does not open WebSockets.
    const allowsAnonymous = publicAccess.status || (publicAccess.schema && !connectionParams);
    return mapMaybePromise(authenticate(authorization ?? headers[AUTHORIZATION_HEADER]), (credentials) => {
      if (!credentials.caller && !allowsAnonymous) {
        throw connectionParams
          ? createUnauthenticatedError(
              'No token: send {"authorization": "Bearer <token>"} as the payload of connection_init.',
            )
          : createMissingTokenError();
      }
      const { caller } = credentials;
      return {
        credentials,
        clientAddress,
        expiresAt: caller?.expiresAt,
        maxBodyBytes: caller ? undefined : maxAnonymousBodyBytes,
        fairnessKey: caller?.id ?? ANONYMOUS_KEY,
        writtenToken: undefined,
      };
    });
  };

/** The sender of a body is unknown until it is verified, so the limit of anonymous clients applies. */
function createSignedSession(
  verifyBody: SignedBodyVerifier,
  clientAddress: string,
  maxBodyBytes: number,
): GatewaySession {
  const session: GatewaySession = {
    credentials: { caller: undefined, headers: {} },
    clientAddress,
    expiresAt: undefined,
    maxBodyBytes,
    writtenToken: undefined,
    isSigned: true,
    async verifyBody(body) {
      session.credentials = await verifyBody(body);
    },
  };
  return session;
}

function renewSession(session: GatewaySession, credentials: AuthenticationResult): GatewaySession {
  const previousCaller = session.credentials.caller;
  const { caller } = credentials;
  // Running subscriptions were authorized for the caller that started them.
  if (caller?.id !== previousCaller?.id || caller?.role !== previousCaller?.role) {
    throw createForbiddenError('The new token belongs to another caller. Open a new connection with it.');
  }
  session.credentials = credentials;
  session.expiresAt = caller?.expiresAt;
  return session;
}

/** Records the state that an operation of the session has written. */
export function recordSessionWrite(session: GatewaySession, token: ConsistencyToken | undefined): void {
  session.writtenToken = getLaterConsistencyToken(session.writtenToken, token);
}

const findAuthorization = (params: Readonly<Record<string, unknown>> | undefined): unknown =>
  findAuthorizationEntry(params) ?? findAuthorizationEntry(params?.['headers']);

function findAuthorizationEntry(params: unknown): unknown {
  if (typeof params !== 'object' || params === null) return undefined;
  return Object.entries(params).find(([name]) => name.toLowerCase() === AUTHORIZATION_HEADER)?.[1];
}

/** Root fields that anonymous clients may read if the status is public. */
const STATUS_FIELDS = ['services', 'service', 'heartbeat', '__typename'];
/** Root fields that development tools read before the user has a token. */
const SCHEMA_FIELDS = ['__schema', '__type'];

/** The parts of the API that are public: no token is needed. */
export interface PublicAccess {
  readonly status: boolean;
  readonly schema: boolean;
}

/**
 * Checks an anonymous operation: every root field must be public.
 * @param rootFields names of the operation's root fields, including those in fragments
 * @throws ExpectedError UNAUTHENTICATED
 */
export function assertPublicOperation(rootFields: readonly string[], publicAccess: PublicAccess): void {
  const isPublic = (field: string) =>
    (publicAccess.status && STATUS_FIELDS.includes(field)) ||
    (publicAccess.schema && SCHEMA_FIELDS.includes(field));
  if (rootFields.length === 0 || !rootFields.every(isPublic)) {
    throw createMissingTokenError();
  }
}

/**
 * Applies `map` to a value or to the result of a promise. A plain value is mapped synchronously: every promise on a
 * request's path adds latency.
 */
const mapMaybePromise = <T, R>(value: T | Promise<T>, map: (value: T) => R): R | Promise<R> =>
  value instanceof Promise ? value.then(map) : map(value);
