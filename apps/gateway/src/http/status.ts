import { AUTHORIZATION_HEADER, missingTokenError, type HttpServer } from '@seguridad-abc/platform';
import type { NextFunction, Request, Response } from 'express';
import { summarise } from '../domain/summary.js';
import type { Identify } from '../identity/identify.js';
import type { Openness } from '../identity/public-fields.js';
import type { HealthMirror } from '../subscriptions/health-mirror.js';
import { statusBadge, unknownBadge } from './status-badge.js';

const SVG = '.svg';

export interface StatusOptions {
  readonly http: Pick<HttpServer, 'app'>;
  /** As subscribers hear it: also when the monitor or Redis is gone. */
  readonly mirror: Pick<HealthMirror, 'present'>;
  readonly identify: Identify;
  readonly open: Pick<Openness, 'status'>;
  /** Wall clock. */
  readonly now: () => number;
}

/** `/status.json`: how all is. `/status/<service>.svg`: a badge for one. For every caller, or for all where it is public. */
export function serveStatus({ http, mirror, identify, open, now }: StatusOptions): void {
  const admit = async ({ headers }: Pick<Request, 'headers'>, _response: unknown, next: NextFunction) => {
    const { caller } = await identify(headers[AUTHORIZATION_HEADER]);
    if (!caller && !open.status) throw missingTokenError();
    next();
  };

  http.app.get('/status.json', admit, (_request, response) => {
    const summary = summarise(mirror.present(), new Date(now()).toISOString());
    response.set('cache-control', 'no-store').json(summary);
  });

  http.app.get('/status/:file', admit, (request: Request<{ file: string }>, response, next) => {
    const { file } = request.params;
    if (!file.endsWith(SVG)) {
      next();
      return;
    }
    const name = file.slice(0, -SVG.length);
    const service = mirror.present().find((one) => one.name === name);
    sendSvg(
      response.status(service ? 200 : 404),
      service ? statusBadge(name, service.status) : unknownBadge(name),
    );
  });
}

/** An image that may stand anywhere, and does nothing. */
const sendSvg = (response: Response, svg: string): void =>
  void response
    .set({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'",
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
    })
    .type('image/svg+xml')
    .send(svg);
