import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  AUTHORIZATION_HEADER,
  ExpectedError,
  type CommonSettings,
  type HttpServer,
} from '@seguridad-abc/platform';
import type { Request, RequestHandler } from 'express';
import { AMBIGUOUS_SESSION, type Authenticator } from '../requests/authentication.js';
import type { ClientAddressResolver } from '../requests/client-address.js';
import { PAGE_ASSET_COST, PAGE_COST, type RouteCharges } from '../requests/route-charges.js';
import { createPageHeaders } from './page-headers.js';

/** The folder of the built console. It has the same place in the project and in the container image. */
const CONSOLE_FOLDER = fileURLToPath(new URL('../../../console/dist/', import.meta.url));

/** The addresses of the console. apps/console/src/app/screens.tsx says what each one shows. */
const CONSOLE_PATHS = [
  ...['/', '/queue', '/services', '/customers', '/customers/:userId', '/alarms', '/alarms/:id'],
  ...['/openings', '/rules', '/rules/:id', '/exceptions', '/calendars', '/status', '/console/callback'],
];

/** A name as Vite gives it: it contains a hash of the content, so that browsers may keep the file. */
const ASSET_NAME = /^\w[\w.-]*$/;
const ASSET_HEADERS = {
  'cache-control': 'public, max-age=31536000, immutable',
  'x-content-type-options': 'nosniff',
};
const ASSET_TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** Each file is compressed once. Every browser that runs the console supports gzip. */
const compress = promisify(gzip);
const GZIP_LEVEL = 9;

const NOT_CACHED = { 'cache-control': 'no-store' };

/** How a browser signs in to the console. `apps/console/src/session/settings.ts` describes the kinds. */
type SignInSettings =
  | { readonly kind: 'link' | 'open' }
  | {
      readonly kind: 'oidc';
      readonly issuer: string;
      readonly clientId: string;
      readonly scope: string;
      readonly resource?: string;
    }
  | { readonly kind: 'none'; readonly problem: string };

interface ConsoleSignInConfig extends Pick<
  CommonSettings,
  'AUTH' | 'AUTH_ISSUER' | 'AUTH_JWKS_URL' | 'NODE_ENV'
> {
  readonly CONSOLE_CLIENT_ID?: string | undefined;
  readonly CONSOLE_SCOPE: string;
  readonly CONSOLE_RESOURCE?: string | undefined;
}

/** How browsers sign in to the console of an installation with these settings. */
export function getConsoleSignIn(config: ConsoleSignInConfig): SignInSettings {
  const { AUTH, AUTH_ISSUER, AUTH_JWKS_URL, NODE_ENV, CONSOLE_CLIENT_ID, CONSOLE_SCOPE, CONSOLE_RESOURCE } =
    config;
  if (AUTH === 'off') return { kind: 'open' };
  if (AUTH_JWKS_URL !== undefined && AUTH_ISSUER !== undefined) {
    if (CONSOLE_CLIENT_ID === undefined) {
      return {
        kind: 'none',
        problem: `${AUTH_ISSUER} issues the tokens. Register the console there as a public client, and set CONSOLE_CLIENT_ID to its id.`,
      };
    }
    return {
      kind: 'oidc',
      issuer: AUTH_ISSUER,
      clientId: CONSOLE_CLIENT_ID,
      scope: CONSOLE_SCOPE,
      ...(CONSOLE_RESOURCE !== undefined && { resource: CONSOLE_RESOURCE }),
    };
  }
  if (NODE_ENV !== 'production') return { kind: 'link' };
  return {
    kind: 'none',
    problem:
      'There are no sign-in links in production. Set AUTH_JWKS_URL, AUTH_ISSUER and AUTH_AUDIENCE to those of an OpenID Connect issuer, and CONSOLE_CLIENT_ID to the id of the console there.',
  };
}

export interface ConsoleRoutesOptions {
  readonly http: Pick<HttpServer, 'app'>;
  readonly charges: Pick<RouteCharges, 'ofAddress'>;
  readonly authenticate: Authenticator;
  readonly resolveClientAddress: ClientAddressResolver;
  readonly signIn: SignInSettings;
  /** Whether the health of the services is public. */
  readonly publicStatus: boolean;
  /** Whether clients have to name operations by their ids. */
  readonly operationsById: boolean;
  /** Whether the gateway has pages for developers. */
  readonly developerPages: boolean;
  /** The folder of the built console. @default that of this project */
  readonly folder?: string;
}

/**
 * Serves the console: its page at `/` and at its addresses to browsers, its files, its settings, and the session of the caller. Call
 * it after the routes that accept the session cookie are added.
 * @returns whether the console is built
 */
export function serveConsole(options: ConsoleRoutesOptions): boolean {
  const { http, charges, authenticate, resolveClientAddress, signIn, folder = CONSOLE_FOLDER } = options;
  const { publicStatus, operationsById, developerPages } = options;
  const { app } = http;
  const page = join(folder, 'index.html');
  if (!existsSync(page)) return false;

  const pageHeaders = createPageHeaders([
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    `connect-src 'self'${signIn.kind === 'oidc' ? ` ${new URL(signIn.issuer).origin}` : ''}`,
  ]);
  const chargePage = charges.ofAddress(PAGE_COST);
  const chargeAsset = charges.ofAddress(PAGE_ASSET_COST);

  const assets = new Map<string, Promise<ConsoleAsset | undefined>>();
  app.get('/assets/:name', chargeAsset, async ({ params }: Request<{ name: string }>, response, next) => {
    const { name } = params;
    if (!ASSET_NAME.test(name)) {
      next();
      return;
    }
    const loading = assets.get(name) ?? loadAsset(join(folder, 'assets', name));
    const asset = await loading;
    if (!asset) {
      next();
      return;
    }
    assets.set(name, loading);
    response.set({ ...ASSET_HEADERS, 'content-type': asset.type, 'content-encoding': 'gzip' });
    response.send(asset.gzip);
  });

  const sendPage: RequestHandler = (request, response, next) => {
    if (!acceptsPage(request)) {
      next();
      return;
    }
    // A new version of the console has other scripts.
    response.set({ ...pageHeaders, vary: 'accept' });
    response.sendFile(page, { cacheControl: false, etag: false, lastModified: false });
  };
  app.get(CONSOLE_PATHS, chargePage, sendPage);

  const settings = { signIn, publicStatus, operationsById, developerPages };
  app.get('/console/settings.json', chargePage, (_request, response) => {
    response.set(NOT_CACHED).json(settings);
  });

  app.get('/console/session', chargePage, async (request, response) => {
    response.set(NOT_CACHED);
    const { headers, socket } = request;
    const address = resolveClientAddress({ headers, remoteAddress: socket.remoteAddress });
    const authorization = headers[AUTHORIZATION_HEADER];
    try {
      const { caller } = await authenticate(authorization, address);
      response.json({ caller: caller ? { id: caller.id, role: caller.role } : null });
    } catch (error) {
      if (!(error instanceof ExpectedError) || error.extensions.code !== 'UNAUTHENTICATED') throw error;
      // A cookie that has expired is no problem that the user could read about. Two cookies are.
      const isCookieProblem = authorization === AMBIGUOUS_SESSION;
      response.json({ caller: null, ...(isCookieProblem && { problem: error.message }) });
    }
  });
  return true;
}

interface ConsoleAsset {
  readonly type: string;
  readonly gzip: Buffer;
}

/** @returns undefined if there is no such file: it is of another version of the console */
async function loadAsset(path: string): Promise<ConsoleAsset | undefined> {
  try {
    const compressed = await compress(await readFile(path), { level: GZIP_LEVEL });
    return { type: ASSET_TYPES[extname(path)] ?? 'application/octet-stream', gzip: compressed };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether a browser asks for a page. Programs that accept anything get what they always got. */
const acceptsPage = ({ headers }: Request): boolean => headers.accept?.includes('text/html') === true;
