import type { IncomingHttpHeaders } from 'node:http';
import { StartError } from '../errors.js';
import type { Logger } from '../logger.js';
import { bearerToken, unauthenticated, type Caller } from './caller.js';
import { INSTALLATION_HEADER, installationCheck, installationSecret } from './installation.js';
import type { IdentitySettings } from './settings.js';
import { rememberVerified } from './verified-tokens.js';
import { createVerifier } from './verifier.js';

/** Who calls this process, and who this process is to others. */
export interface Identity {
  /** Whether callers have to say who they are. */
  readonly required: boolean;
  /**
   * At once where the token has been seen before.
   * @throws ExpectedError UNAUTHENTICATED, or IDENTITY_UNAVAILABLE where it cannot be found out
   */
  readonly callerOf: (authorization: unknown) => Caller | Promise<Caller>;
  /** Whether a request comes from a process of this installation, and not from anybody else on the network. */
  readonly isInstallation: (headers: IncomingHttpHeaders) => boolean;
  /** @throws ExpectedError UNAUTHENTICATED where a request does not come from a process of this installation */
  readonly assertInstallation: (headers: IncomingHttpHeaders) => void;
  /** What this process brings to the others. */
  readonly installationHeaders: Readonly<Record<string, string>>;
}

/** With `AUTH=off` everybody is this. */
const ANYBODY: Caller = { id: 'local', role: 'operator', expiresAt: Infinity };

/** @throws StartError where the settings do not go together, or the data folder cannot be used */
export function createIdentity(
  settings: IdentitySettings & { readonly DATA_DIR: string; readonly HOST: string },
  logger: Logger,
): Identity {
  if (settings.AUTH === 'off') return withoutIdentity(settings.HOST, logger);
  const verifier = createVerifier(settings, logger);
  const secret = installationSecret(settings.DATA_DIR, settings.INSTALLATION_SECRET);
  const isInstallation = installationCheck(secret);
  return {
    required: true,
    callerOf: rememberVerified(
      async (authorization) => verifier.verify(bearerToken(authorization)),
      verifier.isTrusted,
    ),
    isInstallation,
    assertInstallation(headers) {
      if (!isInstallation(headers)) throw unauthenticated('This is not for clients: ask the gateway.');
    },
    installationHeaders: { [INSTALLATION_HEADER]: secret },
  };
}

function withoutIdentity(host: string, logger: Logger): Identity {
  if (!isLoopback(host)) {
    throw new StartError(
      `AUTH=off needs a HOST that only this machine reaches, such as 127.0.0.1 (it is "${host}").`,
    );
  }
  logger.warn('AUTH=off: whoever reaches this machine may do and read everything');
  return {
    required: false,
    callerOf: () => ANYBODY,
    isInstallation: () => true,
    assertInstallation: () => undefined,
    installationHeaders: {},
  };
}

/** Whether an address, or its name, is of this machine alone. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host);
