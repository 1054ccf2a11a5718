import type { TransportHooks } from '@seguridad-abc/executor';
import {
  AUTHORIZATION_HEADER,
  hasAuthorization,
  forbiddenError,
  mapMaybePromise,
  missingTokenError,
} from '@seguridad-abc/platform';
import { renew, sessionWith, type GatewaySession } from '../operations/client-session.js';
import type { RequestContext } from '../operations/request-context.js';
import { authorizationIn } from './connection-params.js';
import type { Credentials } from './credentials.js';
import type { Identify } from './identify.js';
import type { Openness } from './public-fields.js';

type OpenSession = TransportHooks<RequestContext, GatewaySession>['createSession'];

/**
 * Who is there: by the header `authorization` of a request; on a WebSocket, by the payload of `connection_init` (or as a
 * header of the socket's request), and again, before its token expires, by that of a `ping`.
 */
export const openSession =
  (identify: Identify, open: Openness): OpenSession =>
  ({ headers, connectionParams }, before) => {
    const given = authorizationIn(connectionParams);
    if (before) {
      if (!hasAuthorization(given)) return before;
      return mapMaybePromise(identify(given), (credentials) => renewed(before, credentials));
    }
    // The schema may be shown over HTTP to whoever asks; a socket is for more.
    const isOpen = open.status || (open.schema && !connectionParams);
    return mapMaybePromise(identify(given ?? headers[AUTHORIZATION_HEADER]), (credentials) => {
      if (!credentials.caller && !isOpen) throw missingTokenError();
      return sessionWith(credentials);
    });
  };

function renewed(session: GatewaySession, credentials: Credentials): GatewaySession {
  const { caller: before } = session.credentials;
  const { caller } = credentials;
  // What runs was let through for whoever began it.
  if (caller?.id !== before?.id || caller?.role !== before?.role)
    throw forbiddenError('The new token is of somebody else.');
  return renew(session, credentials);
}
