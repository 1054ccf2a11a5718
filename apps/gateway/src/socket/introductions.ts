import { authorizationGiven, ExpectedError, messageOf, type Logger } from '@seguridad-abc/platform';
import type { Context, ServerOptions } from 'graphql-ws';
import type { Extra } from 'graphql-ws/use/ws';
import { authorizationIn } from '../identity/connection-params.js';
import type { Identify } from '../identity/identify.js';
import type { Openness } from '../identity/public-fields.js';
import type { Session } from './session.js';

/** Of graphql-transport-ws: a client may come back, for some times, with a better token. */
const FORBIDDEN = 4403;
/** Of WebSocket (IANA's registry): clients come back. */
const TRY_AGAIN_LATER = 1013;

type SocketContext = Context<Record<string, unknown>, Extra>;
type Handlers = Pick<ServerOptions<Record<string, unknown>, Extra>, 'onConnect' | 'onPing' | 'onClose'>;

export interface IntroductionsOptions {
  readonly identify: Identify;
  readonly open: Openness;
  readonly sessionOf: (socket: object) => Session;
  readonly logger: Logger;
}

/**
 * How a socket's client says who it is: in the payload of `connection_init` (or as a header of the socket's request), and
 * again, before its token expires, in that of a `ping`. Nothing here throws, since graphql-ws would take it for a fault.
 */
export function introductions({ identify, open, sessionOf, logger }: IntroductionsOptions): Handlers {
  const refuse = ({ extra: { socket } }: SocketContext, error: unknown) => {
    const isRefusal = error instanceof ExpectedError && error.extensions.code === 'UNAUTHENTICATED';
    if (!isRefusal) logger.warn({ error: messageOf(error) }, 'nobody can be identified now');
    socket.close(isRefusal ? FORBIDDEN : TRY_AGAIN_LATER, isRefusal ? 'Forbidden' : 'Try again later');
  };

  return {
    async onConnect(context) {
      const { connectionParams, extra } = context;
      try {
        const given = authorizationIn(connectionParams) ?? extra.request.headers.authorization;
        const credentials = await identify(given);
        sessionOf(extra).identified(credentials);
        return credentials.caller !== undefined || open.status;
      } catch (error) {
        refuse(context, error);
        return true;
      }
    },

    async onPing(context, payload) {
      const given = authorizationIn(payload);
      if (!authorizationGiven(given)) return;
      try {
        const credentials = await identify(given);
        const session = sessionOf(context.extra);
        const { caller: before } = session.credentials;
        const { caller } = credentials;
        // What runs was let through for whoever began it.
        if (caller?.id === before?.id && caller?.role === before?.role) session.identified(credentials);
        else context.extra.socket.close(FORBIDDEN, 'Forbidden');
      } catch (error) {
        refuse(context, error);
      }
    },

    onClose: ({ extra }) => sessionOf(extra).close(),
  };
}
