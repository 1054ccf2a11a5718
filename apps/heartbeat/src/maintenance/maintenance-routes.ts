import { formatInstant } from '@seguridad-abc/contracts';
import {
  createBadUserInputError,
  ExpectedError,
  type HttpServer,
  type IdentityService,
} from '@seguridad-abc/platform';
import express, { type Request, type Response } from 'express';
import { parseMaintenanceRequest, type MaintenancePeriod } from '../domain/maintenance.js';
import type { HealthMonitor } from '../monitor/health-monitor.js';

const MAX_BODY_SIZE = '16kb';

export interface MaintenanceRoutesOptions {
  readonly app: HttpServer['app'];
  readonly identity: Pick<IdentityService, 'assertFromInstallation'>;
  readonly monitor: Pick<HealthMonitor, 'maintenance' | 'hasService' | 'startMaintenance' | 'endMaintenance'>;
  /** Reads the wall clock, in milliseconds since 1970. */
  readonly readWallClock: () => number;
}

/**
 * Adds the HTTP routes for maintenance: `GET /maintenance`, `PUT /maintenance/:service` with `{ reason, until? }`, and
 * `DELETE /maintenance/:service`. They accept only requests from tools of this installation, never from web pages.
 */
export function serveMaintenanceRoutes(options: MaintenanceRoutesOptions): void {
  const { app, identity, monitor, readWallClock } = options;
  const findPeriod = (service: string) => monitor.maintenance.find((period) => period.service === service);
  const sendJson = (response: Response, body: object) => {
    response.set('cache-control', 'no-store').json(body);
  };

  app.use('/maintenance', ({ headers }, _response, next) => {
    identity.assertFromInstallation(headers);
    next();
  });
  app.get('/maintenance', (_request, response) => {
    sendJson(response, { maintenance: monitor.maintenance.map(toMaintenanceJson) });
  });

  app.put('/maintenance/:service', express.json({ limit: MAX_BODY_SIZE }), (request, response) =>
    sendExpectedErrors(response, async () => {
      assertJsonRequest(request);
      const { service } = request.params;
      assertFound(
        monitor.hasService(service),
        `There is no service ${service}: it is not expected and has sent no heartbeat.`,
      );
      const parsed = parseMaintenanceRequest(service, request.body, readWallClock());
      if ('faults' in parsed) throw createBadUserInputError(parsed.faults);
      const period = { ...parsed, since: findPeriod(service)?.since ?? parsed.since };
      await monitor.startMaintenance(period);
      sendJson(response, toMaintenanceJson(period));
    }),
  );

  app.delete('/maintenance/:service', (request, response) =>
    sendExpectedErrors(response, async () => {
      assertJsonRequest(request);
      const { service } = request.params;
      const period = findPeriod(service);
      assertFound(period, `${service} is not in maintenance.`);
      await monitor.endMaintenance(period);
      sendJson(response, toMaintenanceJson(period));
    }),
  );
}

const toMaintenanceJson = ({ service, reason, since, until }: MaintenancePeriod) => ({
  service,
  reason,
  since: formatInstant(since),
  until: until === undefined ? null : formatInstant(until),
});

/** A web page needs a CORS preflight to send JSON to another origin. This rule keeps out cross-site requests. */
function assertJsonRequest(request: Request): void {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new ExpectedError('BAD_REQUEST', 'The request must have content-type: application/json.');
  }
}

function assertFound(found: unknown, message: string): asserts found {
  if (found === undefined || found === false) throw new ExpectedError('NOT_FOUND', message);
}

/** HTTP statuses of expected errors. Any other has 400. */
const STATUS_BY_CODE: Readonly<Record<string, number>> = { NOT_FOUND: 404, CONFLICT: 409 };

/** Sends expected errors as the response. The server's error handler processes any other error. */
async function sendExpectedErrors(response: Response, handleRequest: () => Promise<void>): Promise<void> {
  try {
    await handleRequest();
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    const { message, extensions } = error;
    response.status(STATUS_BY_CODE[extensions.code] ?? 400).json({ errors: [{ message, extensions }] });
  }
}
