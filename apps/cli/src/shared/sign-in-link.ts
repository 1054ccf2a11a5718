import type { Actor } from '@seguridad-abc/contracts';
import { getLocalHostAndPort, runWithTimeout } from '@seguridad-abc/platform/installation';
import { z } from 'zod';
import { describeFetchError, UnreachableError, UserFacingError } from './errors.js';
import { getInstallationHeaders } from './identity.js';
import type { InstallationSettings } from './installation-settings.js';
import { readServiceReadiness, sendServiceRequest } from './service-requests.js';

const REQUEST_TIMEOUT_MS = 5_000;

const linkSchema = z.object({ url: z.url(), expiresInMs: z.number() });
const errorsSchema = z.object({ errors: z.array(z.object({ message: z.string() })).min(1) });

/** A link with which one browser can sign in once. */
export interface SignInLink {
  readonly url: string;
  /** Time until it expires. */
  readonly expiresInMs: number;
}

/**
 * Asks the gateway of this installation for a sign-in link. Only a process that can read the data folder gets one.
 * @param caller who signs in with it: by default an operator
 * @throws UserFacingError if the installation has no sign-in links; the message says why
 * @throws UnreachableError if the gateway does not answer
 */
export async function createSignInLink(
  settings: InstallationSettings,
  stop: AbortSignal,
  caller?: Pick<Actor, 'id' | 'role'>,
): Promise<SignInLink> {
  const origin = `http://${getLocalHostAndPort(settings.host, settings.ports.GATEWAY_PORT)}`;
  const requestLink = async (signal: AbortSignal): Promise<unknown> => {
    // Another program may use the port. It must not get the installation secret.
    const readiness = await readServiceReadiness(origin, { signal });
    if (readiness?.service !== 'gateway') throw createWrongServerError(origin);
    const response = await sendServiceRequest(`${origin}/sign-in-links`, {
      method: 'POST',
      headers: {
        ...getInstallationHeaders(settings),
        ...(caller && { 'content-type': 'application/json' }),
      },
      ...(caller && { body: JSON.stringify(caller) }),
      signal,
    });
    return response.json();
  };
  let body: unknown;
  try {
    body = await runWithTimeout(REQUEST_TIMEOUT_MS, stop, requestLink);
  } catch (error) {
    stop.throwIfAborted();
    if (error instanceof UserFacingError) throw error;
    if (error instanceof SyntaxError) throw createWrongServerError(origin);
    throw new UnreachableError(
      `${origin} does not answer (${describeFetchError(error)}): start it with npm start.`,
    );
  }
  const link = linkSchema.safeParse(body);
  if (link.success) return link.data;
  const problem = errorsSchema.safeParse(body).data?.errors[0]?.message;
  throw problem === undefined ? createWrongServerError(origin) : new UserFacingError(problem);
}

const createWrongServerError = (origin: string) =>
  new UnreachableError(`${origin} does not answer as the gateway does: correct HOST and GATEWAY_PORT.`);
