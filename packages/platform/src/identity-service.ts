import type { IncomingHttpHeaders } from 'node:http';
import { parseBearerToken, createUnauthenticatedError, type Caller } from './caller.js';
import { StartError } from './errors.js';
import {
  INSTALLATION_SECRET_HEADER,
  createInstallationSecretCheck,
  readInstallationSecret,
} from './installation-secret.js';
import type { Logger } from './logger.js';
import type { CommonSettings } from './settings.js';
import { createTokenVerifier, createVerifiedTokenCache } from './token-verifier.js';

/** Authenticates callers and processes of this installation. */
export interface IdentityService {
  /** Whether callers must authenticate: false with `AUTH=off`. */
  readonly required: boolean;
  /**
   * Authenticates a caller by the value of the `Authorization` header. Returns the caller synchronously, as the same
   * object, if the token was verified recently.
   * @throws ExpectedError UNAUTHENTICATED, or IDENTITY_UNAVAILABLE if the issuer's keys cannot be fetched
   */
  readonly authenticate: (authorization: unknown) => Caller | Promise<Caller>;
  /** Whether a request comes from a process of this installation. */
  readonly isFromInstallation: (headers: IncomingHttpHeaders) => boolean;
  /** @throws ExpectedError UNAUTHENTICATED if a request does not come from a process of this installation */
  readonly assertFromInstallation: (headers: IncomingHttpHeaders) => void;
  /** Headers that identify this process to the other processes of this installation. */
  readonly installationHeaders: Readonly<Record<string, string>>;
}

/** Every caller with `AUTH=off`. */
const LOCAL_OPERATOR: Caller = { id: 'local', role: 'operator', expiresAt: Infinity };

type IdentitySettings = Parameters<typeof createTokenVerifier>[0] &
  Pick<CommonSettings, 'AUTH' | 'HOST' | 'INSTALLATION_SECRET'>;

/** @throws StartError if the settings contradict each other, or the data folder cannot be used */
export function createIdentityService(settings: IdentitySettings, logger: Logger): IdentityService {
  if (settings.AUTH === 'off') return createOpenIdentityService(settings.HOST, logger);
  const verifier = createTokenVerifier(settings, logger);
  const secret = readInstallationSecret(settings.DATA_DIR, settings.INSTALLATION_SECRET);
  const isFromInstallation = createInstallationSecretCheck(secret);
  return {
    required: true,
    authenticate: createVerifiedTokenCache(
      async (authorization) => verifier.verify(parseBearerToken(authorization)),
      verifier.isTrusted,
    ),
    isFromInstallation,
    assertFromInstallation(headers) {
      if (!isFromInstallation(headers))
        throw createUnauthenticatedError(
          'Only the gateway may call this process. Send the request to the gateway.',
        );
    },
    installationHeaders: { [INSTALLATION_SECRET_HEADER]: secret },
  };
}

function createOpenIdentityService(host: string, logger: Logger): IdentityService {
  if (!isLoopbackHost(host)) {
    throw new StartError(
      `AUTH=off requires a loopback HOST (it is "${host}"). Set HOST=127.0.0.1, or AUTH=required.`,
    );
  }
  logger.warn('AUTH=off: every caller on this machine is an operator');
  return {
    required: false,
    authenticate: () => LOCAL_OPERATOR,
    isFromInstallation: () => true,
    assertFromInstallation: () => undefined,
    installationHeaders: {},
  };
}

/** Whether an address or host name is loopback: reachable from this machine only. */
export const isLoopbackHost = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host);
