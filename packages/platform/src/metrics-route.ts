import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { RequestHandler } from 'express';
import { createUnauthenticatedError } from './errors.js';
import type { HttpServer } from './http-server.js';
import { AUTHORIZATION_HEADER, type IdentityService } from './identity-service.js';
import type { MetricsRegistry } from './metrics-registry.js';

export interface MetricsRouteOptions {
  readonly http: Pick<HttpServer, 'app' | 'requestStatistics'>;
  readonly registry: MetricsRegistry;
  readonly identity: Pick<IdentityService, 'isFromInstallation'>;
  /** The setting `METRICS_TOKEN`. */
  readonly metricsToken: string | undefined;
  /** Charges the sender of a refused request. @default nobody is charged */
  readonly chargeRefusal?: RequestHandler;
}

/**
 * Serves `GET /metrics` in Prometheus' text format. Only processes of this installation, and callers with the token of the metrics,
 * may read it: figures show how busy the installation is. Adds the metrics of the HTTP server.
 */
export function serveMetrics(options: MetricsRouteOptions): void {
  const { http, registry, identity, metricsToken, chargeRefusal } = options;
  const hasMetricsToken = createMetricsTokenCheck(metricsToken);
  registry.addDurations(
    'abc_http_request_duration_seconds',
    'Time from the head of a request until the head of its response, by the first part of the path and the status.',
    () =>
      http.requestStatistics.list().map(({ route, code, durations }) => ({
        labels: { route, code },
        durations,
      })),
  );

  const authorize: RequestHandler = (request, response, next) => {
    const { headers } = request;
    if (identity.isFromInstallation(headers) || hasMetricsToken(headers)) {
      next();
      return;
    }
    const refuse = (error: unknown = createMetricsRefusal()) => next(error);
    if (chargeRefusal) void chargeRefusal(request, response, refuse);
    else refuse();
  };
  http.app.get('/metrics', authorize, async (_request, response) => {
    const text = await registry.render();
    response.set({ 'content-type': registry.contentType, 'cache-control': 'no-store' }).send(text);
  });
}

/** Express uses the status until a service has installed its own error handler. */
const createMetricsRefusal = () =>
  Object.assign(
    createUnauthenticatedError(
      'Only processes of this installation, and callers with METRICS_TOKEN, may read metrics. Send the header: Authorization: Bearer <METRICS_TOKEN>.',
    ),
    { status: 401 },
  );

/** Creates a check whether a request carries the token. The comparison takes constant time. */
function createMetricsTokenCheck(token: string | undefined): (headers: IncomingHttpHeaders) => boolean {
  if (token === undefined) return () => false;
  const expected = digest(`Bearer ${token}`);
  return (headers) => timingSafeEqual(digest(headers[AUTHORIZATION_HEADER] ?? ''), expected);
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
