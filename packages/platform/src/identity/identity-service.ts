import type { IncomingHttpHeaders } from 'node:http';
import { StartError } from '../errors.js';
import type { Logger } from '../logger.js';
import { parseBearerToken, unauthenticatedError, type Caller } from './caller.js';
import {
  INSTALLATION_HEADER,
  createInstallationCheck,
  readInstallationSecret,
} from './installation-secret.js';
import type { IdentitySettings } from './identity-settings.js';
import { cacheVerifiedTokens } from './verified-token-cache.js';
import { createTokenVerifier } from './token-verifier.js';

/** Who calls this process, and who this process is to others. */
export interface IdentityService {
  /** Whether callers have to say who they are. */
  readonly required: boolean;
  /**
   * At once where the token has been seen before.
   * @throws ExpectedError UNAUTHENTICATED, or IDENTITY_UNAVAILABLE where it cannot be found out
   */
  readonly authenticate: (authorization: unknown) => Caller | Promise<Caller>;
  /** Whether a request comes from a process of this installation, and not from anybody else on the network. */
  readonly isFromInstallation: (headers: IncomingHttpHeaders) => boolean;
  /** @throws ExpectedError UNAUTHENTICATED where a request does not come from a process of this installation */
  readonly assertFromInstallation: (headers: IncomingHttpHeaders) => void;
  /** What this process brings to the others. */
  readonly installationHeaders: Readonly<Record<string, string>>;
}

/** With `AUTH=off` everybody is this. */
const ANYBODY: Caller = { id: 'local', role: 'operator', expiresAt: Infinity };

/** @throws StartError where the settings do not go together, or the data folder cannot be used */
export function createIdentityService(
  settings: IdentitySettings & { readonly DATA_DIR: string; readonly HOST: string },
  logger: Logger,
): IdentityService {
  if (settings.AUTH === 'off') return withoutIdentity(settings.HOST, logger);
  const verifier = createTokenVerifier(settings, logger);
  const secret = readInstallationSecret(settings.DATA_DIR, settings.INSTALLATION_SECRET);
  const isFromInstallation = createInstallationCheck(secret);
  return {
    required: true,
    authenticate: cacheVerifiedTokens(
      async (authorization) => verifier.verify(parseBearerToken(authorization)),
      verifier.isTrusted,
    ),
    isFromInstallation,
    assertFromInstallation(headers) {
      if (!isFromInstallation(headers))
        throw unauthenticatedError('This is not for clients: ask the gateway.');
    },
    installationHeaders: { [INSTALLATION_HEADER]: secret },
  };
}

function withoutIdentity(host: string, logger: Logger): IdentityService {
  if (!isLoopbackHost(host)) {
    throw new StartError(
      `AUTH=off needs a HOST that only this machine reaches, such as 127.0.0.1 (it is "${host}").`,
    );
  }
  logger.warn('AUTH=off: whoever reaches this machine may do and read everything');
  return {
    required: false,
    authenticate: () => ANYBODY,
    isFromInstallation: () => true,
    assertFromInstallation: () => undefined,
    installationHeaders: {},
  };
}

/** Whether an address, or its name, is of this machine alone. */
export const isLoopbackHost = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host);
