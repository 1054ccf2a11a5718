import {
  badUserInputError,
  ExpectedError,
  type HttpServer,
  type IdentityService,
} from '@seguridad-abc/platform';
import express, { type Request, type Response } from 'express';
import { readMaintenance } from '../domain/maintenance-input.js';
import type { Maintenance } from '../domain/maintenance.js';
import { toInstant } from '../domain/moment.js';
import type { Monitor } from '../monitor.js';
import type { MaintenanceStore } from './maintenance-store.js';

const MAX_BODY = '16kb';
const HTTP_STATUS = new Map([['NOT_FOUND', 404]]);

export interface MaintenanceRouteOptions {
  readonly app: HttpServer['app'];
  readonly identity: Pick<IdentityService, 'assertFromInstallation'>;
  readonly monitor: Pick<Monitor, 'maintenance' | 'knows' | 'takeOut' | 'takeBack'>;
  readonly store: Pick<MaintenanceStore, 'put' | 'remove'>;
  /** Wall clock. */
  readonly now: () => number;
}

/**
 * `GET /maintenance`; `PUT /maintenance/:service` with `{ reason, until? }`, and `DELETE`: for the tools of this
 * installation, and for no web page.
 */
export function serveMaintenance({ app, identity, monitor, store, now }: MaintenanceRouteOptions): void {
  const found = (service: string) => monitor.maintenance.find((one) => one.service === service);
  const answer = (response: Response, body: object) => {
    response.set('cache-control', 'no-store').json(body);
  };

  app.use('/maintenance', ({ headers }, _response, next) => {
    identity.assertFromInstallation(headers);
    next();
  });
  app.get('/maintenance', (_request, response) => {
    answer(response, { maintenance: monitor.maintenance.map(told) });
  });

  app.put('/maintenance/:service', express.json({ limit: MAX_BODY }), (request, response) =>
    refusing(response, async () => {
      mustBeJson(request);
      const { service } = request.params;
      mustBeThere(
        monitor.knows(service),
        `There is no service ${service}: it is neither expected nor heard.`,
      );
      const maintenance = readMaintenance(service, request.body, now());
      if ('faults' in maintenance) throw badUserInputError(maintenance.faults);
      const next = { ...maintenance, since: found(service)?.since ?? maintenance.since };
      await store.put(next);
      monitor.takeOut(next);
      answer(response, told(next));
    }),
  );

  app.delete('/maintenance/:service', (request, response) =>
    refusing(response, async () => {
      mustBeJson(request);
      const { service } = request.params;
      const present = found(service);
      mustBeThere(present, `${service} is not in maintenance.`);
      await store.remove(service);
      monitor.takeBack(service);
      answer(response, told(present));
    }),
  );
}

const told = ({ service, reason, since, until }: Maintenance) => ({
  service,
  reason,
  since: toInstant(since),
  until: until === undefined ? null : toInstant(until),
});

/** A web page cannot send this type to another origin unasked. */
function mustBeJson(request: Request): void {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new ExpectedError('BAD_REQUEST', 'The request must have content-type: application/json.');
  }
}

function mustBeThere(there: unknown, message: string): asserts there {
  if (there === undefined || there === false) throw new ExpectedError('NOT_FOUND', message);
}

/** Answers what a caller can put right with it; anything else is the last middleware's. */
async function refusing(response: Response, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    const { message, extensions } = error;
    response.status(HTTP_STATUS.get(extensions.code) ?? 400).json({ errors: [{ message, extensions }] });
  }
}
