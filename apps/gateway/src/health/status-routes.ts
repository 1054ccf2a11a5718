import type { HealthStatus, ServiceHealth } from '@seguridad-abc/contracts';
import { AUTHORIZATION_HEADER, createMissingTokenError, type HttpServer } from '@seguridad-abc/platform';
import type { NextFunction, Request, Response } from 'express';
import { createPageHeaders } from '../http/page-headers.js';
import type { Authenticator } from '../requests/authentication.js';
import type { ClientAddressResolver } from '../requests/client-address.js';
import { PAGE_COST, type RouteCharges } from '../requests/route-charges.js';
import type { HealthCache } from './health-cache.js';
import { renderStatusBadge, renderUnknownServiceBadge } from './status-badge.js';

const BADGE_EXTENSION = '.svg';
const STATUSES_WORST_FIRST: readonly HealthStatus[] = [
  'DOWN',
  'LATE',
  'DEGRADED',
  'UNKNOWN',
  'MAINTENANCE',
  'UP',
];

export interface StatusRoutesOptions {
  readonly http: Pick<HttpServer, 'app'>;
  readonly cache: Pick<HealthCache, 'getServicesOrUnknown'>;
  readonly authenticate: Authenticator;
  readonly resolveClientAddress: ClientAddressResolver;
  readonly charges: Pick<RouteCharges, 'chargeSender'>;
  /** Whether callers without a token may read the status. */
  readonly isPublic: boolean;
  /** Wall clock in milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Serves the health of the installation without GraphQL: `/status.json` is a summary of all services, and
 * `/status/<service>.svg` is a badge of one service (status 404 if the service is unknown). Both answer from the health
 * cache, so they work while the monitor or Redis is down.
 */
export function serveStatusJsonAndBadges({
  http,
  cache,
  authenticate,
  resolveClientAddress,
  charges,
  isPublic,
  now,
}: StatusRoutesOptions): void {
  const authorize = async ({ headers, socket }: Request, _response: unknown, next: NextFunction) => {
    const clientAddress = resolveClientAddress({ headers, remoteAddress: socket.remoteAddress });
    const credentials = await authenticate(headers[AUTHORIZATION_HEADER], clientAddress);
    charges.chargeSender(credentials, clientAddress, PAGE_COST);
    if (!credentials.caller && !isPublic) throw createMissingTokenError();
    next();
  };

  http.app.get('/status.json', authorize, (_request, response) => {
    const summary = summarizeHealth(cache.getServicesOrUnknown(), new Date(now()).toISOString());
    response.set('cache-control', 'no-store').json(summary);
  });

  http.app.get('/status/:file', authorize, (request: Request<{ file: string }>, response, next) => {
    const { file } = request.params;
    if (!file.endsWith(BADGE_EXTENSION)) {
      next();
      return;
    }
    const name = file.slice(0, -BADGE_EXTENSION.length);
    const service = cache.getServicesOrUnknown().find((each) => each.name === name);
    sendBadge(
      response.status(service ? 200 : 404),
      service ? renderStatusBadge(name, service.status) : renderUnknownServiceBadge(name),
    );
  });
}

/** Any page may show the image, and the image loads and runs nothing. */
const BADGE_HEADERS = createPageHeaders([], { 'cross-origin-resource-policy': 'cross-origin' });

const sendBadge = (response: Response, svg: string): void =>
  void response.set(BADGE_HEADERS).type('image/svg+xml').send(svg);

/** The body of `/status.json`. */
export interface HealthSummary {
  /** The worst status of any service, `UNKNOWN` without services. */
  readonly status: HealthStatus;
  /** The instant of the summary. */
  readonly at: string;
  /** Sorted by name. */
  readonly services: readonly Pick<ServiceHealth, 'name' | 'status' | 'reason' | 'since' | 'lastBeatAt'>[];
}

/** Summarizes the health of all services. Their instances are left out. */
export function summarizeHealth(services: readonly ServiceHealth[], at: string): HealthSummary {
  const statuses = new Set(services.map(({ status }) => status));
  return {
    status: STATUSES_WORST_FIRST.find((status) => statuses.has(status)) ?? 'UNKNOWN',
    at,
    services: services
      .map(({ name, status, reason, since, lastBeatAt }) => ({ name, status, reason, since, lastBeatAt }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
