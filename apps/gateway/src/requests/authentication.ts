import { createHash } from 'node:crypto';
import { getLaterConsistencyToken, type ConsistencyToken } from '@seguridad-abc/contracts';
import type { ClientAccess, ClientSession, SessionCredentials } from '@seguridad-abc/executor';
import {
  AUTHORIZATION_HEADER,
  ExpectedError,
  hasAuthorization,
  createForbiddenError,
  createMissingTokenError,
  createUnauthenticatedError,
  parseBearerToken,
  type Caller,
  type IdentityService,
} from '@seguridad-abc/platform';
import type { SignedRequest, SignedRequests } from '../devices/signed-requests.js';
import type { BadTokenThrottle } from '../shares/bad-token-throttle.js';
import type { CallerShare } from '../shares/caller-share.js';
import type { CallerShareRegistry } from '../shares/caller-share-registry.js';
import type { ClientLimits } from '../shares/client-limits.js';
import { getAddressGroup, type ClientAddressResolver } from './client-address.js';

/**
 * Value of the header `Authorization` of a request with several session cookies, see `SessionCookie`. It is no token: the request is
 * refused.
 */
export const AMBIGUOUS_SESSION = 'Cookie ambiguous';

/** The sender of an operation, and the headers by which subgraphs verify it themselves. */
export interface AuthenticationResult {
  /** Undefined for anonymous requests, which may read public fields only. */
  readonly caller: Caller | undefined;
  /** Sent to subgraphs: the client's token and the headers that identify the gateway. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names the caller among the callers of all roles. Undefined for anonymous requests. */
  readonly identityKey?: string | undefined;
  /**
   * What the caller may access, for the authorization directives of the supergraph. Undefined for anonymous requests and with
   * `AUTH=off`: nothing that has such a directive.
   */
  readonly access?: ClientAccess | undefined;
}

/**
 * Authenticates a client by the value of an `Authorization` header. Synchronous if the token was verified recently.
 * @param clientAddress see `createClientAddressResolver`
 * @throws ExpectedError UNAUTHENTICATED for an invalid token; IDENTITY_UNAVAILABLE if tokens cannot be verified now;
 *   RATE_LIMITED if the address has sent too many invalid tokens
 */
export type Authenticator = (
  authorization: unknown,
  clientAddress: string,
) => AuthenticationResult | Promise<AuthenticationResult>;

/**
 * Creates the gateway's authentication. Requests without credentials are anonymous, unless `AUTH=off`.
 * @param badTokens undefined: invalid tokens are not limited
 */
export function createAuthenticator(
  identity: Pick<IdentityService, 'authenticate' | 'findVerified' | 'required' | 'installationHeaders'>,
  badTokens?: BadTokenThrottle,
): Authenticator {
  const { required, installationHeaders } = identity;
  const anonymous: AuthenticationResult = {
    caller: undefined,
    headers: installationHeaders,
    identityKey: undefined,
  };
  /** The identity service returns the same caller object for the same token. */
  const credentialsByCaller = new WeakMap<Caller, AuthenticationResult>();

  const getCredentials = (caller: Caller, authorization: unknown): AuthenticationResult => {
    const cached = credentialsByCaller.get(caller);
    if (cached) return cached;
    // Never the client's own text, which may be long and in any spelling.
    const tokenHeaders = required
      ? { [AUTHORIZATION_HEADER]: `Bearer ${parseBearerToken(authorization)}` }
      : {};
    const credentials = {
      caller,
      headers: { ...installationHeaders, ...tokenHeaders },
      identityKey: `${caller.role}:${caller.id}`,
      // Without tokens, nobody has scopes: the directives of a supergraph are no less strict then.
      access: required ? createClientAccess(caller) : undefined,
    };
    credentialsByCaller.set(caller, credentials);
    return credentials;
  };

  const verify = async (authorization: unknown, addressGroup: string): Promise<AuthenticationResult> => {
    if (authorization === AMBIGUOUS_SESSION) throw createAmbiguousSessionError();
    badTokens?.assertMayVerify(addressGroup);
    try {
      return getCredentials(await identity.authenticate(authorization), authorization);
    } catch (error) {
      if (isUnauthenticated(error)) badTokens?.recordBadToken(addressGroup);
      throw error;
    }
  };

  return (authorization, clientAddress) => {
    if (required && !hasAuthorization(authorization)) return anonymous;
    const caller = identity.findVerified(authorization);
    return caller
      ? getCredentials(caller, authorization)
      : verify(authorization, getAddressGroup(clientAddress));
  };
}

const createClientAccess = ({ scopes, policies }: Pick<Caller, 'scopes' | 'policies'>): ClientAccess => ({
  isAuthenticated: true,
  scopes: new Set(scopes),
  policies: new Set(policies),
});

const createAmbiguousSessionError = () =>
  createUnauthenticatedError(
    'The browser sends several session cookies, and another program may have set one of them. Delete the cookies of this host and of its parent domains, then sign in again.',
  );

const isUnauthenticated = (error: unknown): boolean =>
  error instanceof ExpectedError && error.extensions.code === 'UNAUTHENTICATED';

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
  /** What the client holds of the gateway. Undefined with `AUTH=off`. */
  readonly share: CallerShare | undefined;
  /** The share whose allowance pays for the client's operations: `share`, or that of the device whose signature was verified. */
  payer: CallerShare | undefined;
  fairnessKey: string | undefined;
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
  /** Undefined: clients are not limited. */
  readonly limits: Pick<ClientLimits, 'registry' | 'rateLimiter'> | undefined;
  readonly publicAccess: PublicAccess;
  /** Maximum size of the request body of a client without a token. */
  readonly maxAnonymousBodyBytes: number;
  readonly signedRequests: SignedRequests;
}

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
    { resolveClientAddress, limits, publicAccess, maxAnonymousBodyBytes, signedRequests }: SessionOptions,
  ): SessionOpener =>
  (request, previous) => {
    const { headers, connectionParams } = request;
    const authorization = findAuthorization(connectionParams);
    if (previous) {
      if (!hasAuthorization(authorization)) return previous;
      return mapMaybePromise(authenticate(authorization, previous.clientAddress), (credentials) =>
        renewSession(previous, credentials),
      );
    }
    const clientAddress = resolveClientAddress(request);
    // A WebSocket has no body that could be signed.
    const signed = connectionParams ? undefined : signedRequests.open(headers, clientAddress);
    if (signed)
      return createSignedSession(signed, { clientAddress, limits, maxBodyBytes: maxAnonymousBodyBytes });
    // A public schema is for development tools, which read it over HTTP. It does not open WebSockets.
    const allowsAnonymous = publicAccess.status || (publicAccess.schema && !connectionParams);
    const authenticated = authenticate(authorization ?? headers[AUTHORIZATION_HEADER], clientAddress);
    return mapMaybePromise(authenticated, (credentials) => {
      if (!credentials.caller && !allowsAnonymous) {
        throw connectionParams
          ? createUnauthenticatedError(
              'No token: send {"authorization": "Bearer <token>"} as the payload of connection_init.',
            )
          : createMissingTokenError();
      }
      const { caller } = credentials;
      const share = limits && findShare(limits.registry, credentials, clientAddress);
      return {
        credentials,
        clientAddress,
        share,
        payer: share,
        expiresAt: caller?.expiresAt,
        maxBodyBytes: caller ? undefined : maxAnonymousBodyBytes,
        fairnessKey: share?.key,
        writtenToken: undefined,
      };
    });
  };

/**
 * The sender of a body is unknown until it is verified, so the body may be as large as that of an anonymous client. Then the device
 * pays for the operation: other clients at its address cannot use up its allowance, and it cannot use up theirs.
 */
function createSignedSession(
  { deviceId, verifyBody }: SignedRequest,
  {
    clientAddress,
    limits,
    maxBodyBytes,
  }: Pick<GatewaySession, 'clientAddress'> &
    Pick<SessionOptions, 'limits'> & { readonly maxBodyBytes: number },
): GatewaySession {
  const checks = limits && createSignatureCheckShares(limits.registry, clientAddress, deviceId);
  const share = checks?.find();
  const session: GatewaySession = {
    credentials: { caller: undefined, headers: {} },
    clientAddress,
    expiresAt: undefined,
    maxBodyBytes,
    share,
    payer: share,
    fairnessKey: share?.key,
    writtenToken: undefined,
    isSigned: true,
    async verifyBody(body) {
      const credentials = await verifyBody(body).catch((error: unknown) => {
        if (share) limits?.rateLimiter.chargeWrongSignature(share, body.length);
        throw error;
      });
      session.credentials = { access: createClientAccess({}), ...credentials };
      if (!limits || !share) return;
      checks?.remember();
      const payer = findShare(limits.registry, credentials, clientAddress);
      limits.rateLimiter.moveReservation(share, payer);
      session.payer = payer;
      session.fairnessKey = payer.key;
    },
  };
  return session;
}

/**
 * The shares that pay for the check of a signature. Anonymous clients do not use them. All devices of an address have one share
 * until their first verified request; then each device has its own, which only a request that names it can use up.
 */
function createSignatureCheckShares(
  registry: Pick<CallerShareRegistry, 'find' | 'findKnown'>,
  clientAddress: string,
  deviceId: string,
) {
  const addressKey = `unverified:${getAddressGroup(clientAddress)}`;
  const deviceKey = `${addressKey}:${deviceId}`;
  return {
    find: () => registry.findKnown(deviceKey) ?? registry.find(addressKey, 'unverified', undefined),
    remember: () => void registry.find(deviceKey, 'unverified', undefined),
  };
}

/** The share of an identified caller, or that of all anonymous callers at an address. */
export const findShare = (
  shares: Pick<CallerShareRegistry, 'find'>,
  { caller, identityKey }: AuthenticationResult,
  clientAddress: string,
): CallerShare =>
  caller && identityKey !== undefined
    ? shares.find(identityKey, caller.role, caller.tier)
    : findAnonymousShare(shares, clientAddress);

const findAnonymousShare = (shares: Pick<CallerShareRegistry, 'find'>, clientAddress: string): CallerShare =>
  shares.find(`anonymous:${getAddressGroup(clientAddress)}`, 'anonymous', undefined);

function renewSession(session: GatewaySession, credentials: AuthenticationResult): GatewaySession {
  const previousCaller = session.credentials.caller;
  const { caller } = credentials;
  // Running subscriptions were authorized for the caller that started them.
  if (caller?.id !== previousCaller?.id || caller?.role !== previousCaller?.role) {
    throw createForbiddenError('The new token belongs to another caller. Open a new connection with it.');
  }
  if (!hasAllOf(credentials.access, session.credentials.access)) {
    throw createForbiddenError(
      'The new token has fewer scopes or policies. Open a new connection with it, so that subscriptions start again.',
    );
  }
  session.credentials = credentials;
  session.expiresAt = caller?.expiresAt;
  return session;
}

/** Whether a client may access at least what it could access before. */
const hasAllOf = (present: ClientAccess | undefined, before: ClientAccess | undefined): boolean =>
  isSuperset(present?.scopes, before?.scopes) && isSuperset(present?.policies, before?.policies);

const isSuperset = (
  names: ReadonlySet<string> = new Set(),
  others: ReadonlySet<string> = new Set(),
): boolean => [...others].every((name) => names.has(name));

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
