import type { HttpServer } from '@seguridad-abc/platform';
import type { ErrorRequestHandler, Request } from 'express';
import type { GraphQLError } from 'graphql';
import type { ClientAddressResolver } from '../requests/client-address.js';
import type { RefusalRecorder } from './refusal-recorder.js';

/**
 * Records the requests to Express routes that fail with the code of a refusal, such as an invalid token at `/status.json`. To be
 * called after the routes, and before the error handler that answers.
 */
export function auditRouteErrors(
  app: HttpServer['app'],
  refusals: Pick<RefusalRecorder, 'record'>,
  resolveClientAddress: ClientAddressResolver,
): void {
  const handler: ErrorRequestHandler = (error: unknown, request, _response, next) => {
    if (hasExtensions(error)) {
      const { headers, socket } = request;
      refusals.record(error, describeRoute(request), {
        caller: undefined,
        address: resolveClientAddress({ headers, remoteAddress: socket.remoteAddress }),
      });
    }
    next(error);
  };
  app.use(handler);
}

const hasExtensions = (error: unknown): error is Pick<GraphQLError, 'extensions'> =>
  typeof (error as { extensions?: unknown } | null)?.extensions === 'object';

/** The pattern of the route, not the path: a client can choose any path. */
const describeRoute = ({ method, route }: Request): string => {
  const path = (route as { path?: unknown } | undefined)?.path;
  return typeof path === 'string' ? `${method} ${path}` : method;
};
