import { getLaterConsistencyToken, type ConsistencyToken } from '@seguridad-abc/contracts';
import type { ClientSession, SessionCredentials } from '@seguridad-abc/executor';
import {
  AUTHORIZATION_HEADER,
  createForbiddenError,
  hasAuthorization,
  mapMaybePromise,
  createMissingTokenError,
} from '@seguridad-abc/platform';
import type { Authenticator, AuthenticationResult } from './authentication-result.js';
import type { PublicAccess } from './public-access.js';

/** A client's state over all operations of a WebSocket, or over one HTTP request. */
export interface GatewaySession extends ClientSession {
  credentials: AuthenticationResult;
  expiresAt: number | undefined;
  /** The state after the session's last command. Later operations of the session see at least this state. */
  writtenToken: ConsistencyToken | undefined;
}

/** Opens a session, or renews `previous` with a new token. */
export type SessionOpener = (
  request: SessionCredentials,
  previous?: GatewaySession,
) => GatewaySession | Promise<GatewaySession>;

/**
 * Creates the function that authenticates sessions.
 *
 * HTTP requests bring the token in the header `authorization`. A WebSocket brings it in the payload of
 * `connection_init`, or in the header of its handshake. The payload of a later `ping` may bring a new token before the
 * old one expires; it must be for the same caller. The payload has the token as `authorization` (any case), at the top
 * level or under `headers`.
 */
export const createSessionOpener =
  (authenticate: Authenticator, publicAccess: PublicAccess): SessionOpener =>
  ({ headers, connectionParams }, previous) => {
    const authorization = findAuthorization(connectionParams);
    if (previous) {
      if (!hasAuthorization(authorization)) return previous;
      return mapMaybePromise(authenticate(authorization), (credentials) =>
        renewSession(previous, credentials),
      );
    }
    // A public schema is for development tools, which read it over HTTP. It does not open WebSockets.
    const allowsAnonymous = publicAccess.status || (publicAccess.schema && !connectionParams);
    return mapMaybePromise(authenticate(authorization ?? headers[AUTHORIZATION_HEADER]), (credentials) => {
      if (!credentials.caller && !allowsAnonymous) throw createMissingTokenError();
      return { credentials, expiresAt: credentials.caller?.expiresAt, writtenToken: undefined };
    });
  };

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
