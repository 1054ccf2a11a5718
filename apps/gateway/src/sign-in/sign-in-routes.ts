import { fileURLToPath } from 'node:url';
import {
  AUTHORIZATION_HEADER,
  ExpectedError,
  issueEmbeddedToken,
  type CommonSettings,
  type HttpServer,
  type IdentityService,
  type Logger,
} from '@seguridad-abc/platform';
import { MAX_USER_ID_LENGTH } from '@seguridad-abc/evaluation';
import express, { type Request, type Response } from 'express';
import { z } from 'zod';
import { SIGN_IN_ACTION, type RefusalRecorder } from '../audit/refusal-recorder.js';
import { AMBIGUOUS_SESSION, type Authenticator } from '../requests/authentication.js';
import type { ClientAddressResolver } from '../requests/client-address.js';
import { PAGE_ASSET_COST, PAGE_COST, SIGN_IN_COST, type RouteCharges } from '../requests/route-charges.js';
import type { SessionCookie } from './session-cookie.js';
import { createSignInCodes, SIGN_IN_LINK_LIFETIME_MS } from './sign-in-codes.js';
import { SIGN_IN_PAGE, SIGN_IN_PAGE_HEADERS } from './sign-in-page.js';

const SIGN_IN_PATH = '/sign-in';
const PAGE_SCRIPT = fileURLToPath(new URL('../../sign-in/page.mjs', import.meta.url));
/** How long a browser stays signed in. */
const SESSION_LIFETIME_MS = 12 * 3_600_000; // 12 hours
const OPERATOR = { id: 'operator', role: 'operator' } as const;
const MAX_BODY_BYTES = 1_024;
const NOT_CACHED = { 'cache-control': 'no-store' };

const signInSchema = z.object({ code: z.string().max(100) });
/** Who will sign in with the link. Without a body it is an operator. */
const linkSchema = z.union([
  z.object({
    id: z.string().max(MAX_USER_ID_LENGTH).regex(/\S/),
    role: z.enum(['customer', 'operator']),
  }),
  z
    .strictObject({})
    .optional()
    .transform(() => OPERATOR),
]);

type SignInSettings = Pick<CommonSettings, 'AUTH' | 'AUTH_JWKS_URL' | 'NODE_ENV'>;

/**
 * Why the gateway has no sign-in links: one sentence, then what to do.
 * @returns undefined if it has them
 */
export function findSignInProblem({ AUTH, AUTH_JWKS_URL, NODE_ENV }: SignInSettings): string | undefined {
  if (AUTH === 'off') return 'AUTH=off: every caller is an operator. Open the console without signing in.';
  if (NODE_ENV === 'production') {
    return 'There are no sign-in links in production, because it has no pages for developers. Send a bearer token.';
  }
  if (AUTH_JWKS_URL === undefined) return undefined;
  return 'There are no sign-in links, because another issuer (AUTH_JWKS_URL) issues the tokens. Send one of its tokens.';
}

export interface SignInRoutesOptions {
  readonly http: Pick<HttpServer, 'app'>;
  readonly settings: SignInSettings & Pick<CommonSettings, 'DATA_DIR' | 'INSTALLATION_SECRET'>;
  readonly cookie: SessionCookie;
  readonly identity: Pick<IdentityService, 'assertFromInstallation' | 'isFromInstallation'>;
  readonly authenticate: Authenticator;
  readonly resolveClientAddress: ClientAddressResolver;
  readonly charges: Pick<RouteCharges, 'ofAddress' | 'chargeAddress'>;
  /** Receives sign-ins and refusals. */
  readonly audit: Pick<RefusalRecorder, 'record' | 'recordSignIn'>;
  readonly logger: Logger;
}

/**
 * Serves `POST /sign-in-links`, where processes of the installation create one-time links, and the page and routes by which
 * a browser signs in with one, sees its session, and signs out. Express routes that are added later accept the session.
 *
 * All routes of the browser that change something need the gateway's own `Origin`.
 */
export function serveSignIn({
  http: { app },
  settings,
  cookie,
  identity,
  authenticate,
  resolveClientAddress,
  charges,
  audit,
  logger,
}: SignInRoutesOptions): void {
  const problem = findSignInProblem(settings);
  const codes = createSignInCodes();

  const readJson = express.json({ limit: MAX_BODY_BYTES });
  app.post('/sign-in-links', readJson, (request, response) => {
    const { headers } = request;
    if (!identity.isFromInstallation(headers)) charges.chargeAddress(request, SIGN_IN_COST);
    identity.assertFromInstallation(headers);
    if (problem !== undefined) {
      sendError(response, 409, 'SIGN_IN_DISABLED', problem);
      return;
    }
    const caller = linkSchema.safeParse(request.body);
    if (!caller.success) {
      const message = 'The body must be {"id": "ana", "role": "customer"}. The role may also be operator.';
      sendError(response, 400, 'BAD_REQUEST', message);
      return;
    }
    const origin = cookie.getOwnOrigin(headers);
    // The fragment of a URL is not sent to servers, so that the code is in no log and no `Referer`.
    const url = `${origin}${SIGN_IN_PATH}#code=${codes.create(origin, caller.data)}`;
    response.status(201).set(NOT_CACHED).json({ url, expiresInMs: SIGN_IN_LINK_LIFETIME_MS });
  });
  if (problem !== undefined) return;

  app.get(SIGN_IN_PATH, charges.ofAddress(PAGE_COST), (_request, response) => {
    response.set(SIGN_IN_PAGE_HEADERS).type('html').send(SIGN_IN_PAGE);
  });
  app.use(`${SIGN_IN_PATH}/page.mjs`, charges.ofAddress(PAGE_ASSET_COST), express.static(PAGE_SCRIPT));

  const getClientAddress = ({ headers, socket }: Request): string =>
    resolveClientAddress({ headers, remoteAddress: socket.remoteAddress });

  const refuse = (request: Request, response: Response, action: string, code: string, message: string) => {
    audit.record({ extensions: { code } }, action, {
      caller: undefined,
      address: getClientAddress(request),
    });
    sendError(response, 403, code, message);
  };

  const isFromOwnPage = (request: Request, response: Response, action: string): boolean => {
    const { headers } = request;
    const isOwn = cookie.isFromOwnPage(headers);
    if (!isOwn) {
      const page = `${cookie.getOwnOrigin(headers)}${SIGN_IN_PATH}`;
      refuse(request, response, action, 'FORBIDDEN', `Only pages of the gateway may do this. Use ${page}.`);
    }
    return isOwn;
  };

  const chargeSignIn = charges.ofAddress(SIGN_IN_COST);
  app.post(SIGN_IN_PATH, chargeSignIn, readJson, async (request, response) => {
    if (!isFromOwnPage(request, response, SIGN_IN_ACTION)) return;
    const { data } = signInSchema.safeParse(request.body);
    const caller = data && codes.redeem(data.code, cookie.getOwnOrigin(request.headers));
    if (!caller) {
      refuse(
        request,
        response,
        SIGN_IN_ACTION,
        'SIGN_IN_FAILED',
        'The link has expired, was used before, or was printed for another address. Run "npm run -s sign-in" for a new one.',
      );
      return;
    }
    const { DATA_DIR, INSTALLATION_SECRET } = settings;
    const token = await issueEmbeddedToken(DATA_DIR, caller, SESSION_LIFETIME_MS, INSTALLATION_SECRET);
    audit.recordSignIn({ caller, address: getClientAddress(request) });
    logger.info('a browser has signed in with a link');
    response.set({ ...NOT_CACHED, 'set-cookie': cookie.create(token, SESSION_LIFETIME_MS) });
    response.status(204).end();
  });

  app.post('/sign-out', charges.ofAddress(PAGE_COST), (request, response) => {
    if (!isFromOwnPage(request, response, 'signOut')) return;
    response
      .set({ ...NOT_CACHED, 'set-cookie': cookie.clear() })
      .status(204)
      .end();
  });

  app.use((request, _response, next) => {
    cookie.applyTo(request);
    next();
  });

  app.get(`${SIGN_IN_PATH}/session`, charges.ofAddress(PAGE_COST), async (request, response) => {
    response.set(NOT_CACHED);
    const address = getClientAddress(request);
    const authorization = request.headers[AUTHORIZATION_HEADER];
    try {
      const { caller } = await authenticate(authorization, address);
      response.json(caller ? { signedIn: true, ...caller } : { signedIn: false });
    } catch (error) {
      if (!(error instanceof ExpectedError) || error.extensions.code !== 'UNAUTHENTICATED') throw error;
      audit.record(error, SIGN_IN_ACTION, { caller: undefined, address });
      if (authorization === AMBIGUOUS_SESSION) {
        // To remove the gateway's own cookie would leave the other one in its place.
        response.json({ signedIn: false, problem: error.message });
        return;
      }
      // The issuer's key has changed: the browser would send the invalid token with every request.
      response.set('set-cookie', cookie.clear()).json({ signedIn: false });
    }
  });
}

const sendError = (response: Response, status: number, code: string, message: string) =>
  response
    .status(status)
    .set(NOT_CACHED)
    .json({ errors: [{ message, extensions: { code } }] });
