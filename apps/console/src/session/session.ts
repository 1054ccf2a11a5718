import type { SignInSettings } from './settings';

export type Role = 'operator' | 'customer' | 'device';

/** Who has signed in. */
export interface Caller {
  readonly id: string;
  readonly role: Role;
}

/** A session of one caller. */
export interface Session {
  readonly caller: Caller;
  /** The header `authorization` of requests; undefined if the browser sends a cookie. */
  readonly getAuthorization: () => string | undefined;
  /** Calls a listener when there is a new token. Returns a function that removes it. */
  readonly onRenewed: (listener: () => void) => () => void;
  /** Calls a listener when the session has ended, and cannot be renewed. */
  readonly onExpired: (listener: () => void) => () => void;
  /** Whether the gateway still accepts the session. An unreachable gateway says nothing about it. */
  readonly isAccepted: () => Promise<boolean>;
  readonly signOut: () => Promise<void>;
}

/** The state of the sign-in when the console starts. */
export type SignIn =
  | { readonly state: 'signed-in'; readonly session: Session }
  /** `problem` is a message of the gateway or the issuer. */
  | { readonly state: 'signed-out'; readonly problem?: string; readonly start?: () => void };

interface SessionAnswer {
  readonly caller: Caller | null;
  readonly problem?: string;
}

/**
 * Asks the gateway who the caller is.
 * @param authorization undefined: the session cookie, if there is one
 * @throws Error if the gateway does not answer
 */
export async function readSession(authorization?: string): Promise<SessionAnswer> {
  const response = await fetch('/console/session', {
    headers: authorization === undefined ? {} : { authorization },
  });
  if (response.status === 401) return { caller: null };
  if (!response.ok) throw new Error(`/console/session: status ${response.status}`);
  return (await response.json()) as SessionAnswer;
}

/** Finds the session of this browser. With an issuer, the browser may leave the page to sign in. */
export async function openSession(settings: SignInSettings): Promise<SignIn> {
  if (settings.kind === 'none') return { state: 'signed-out', problem: settings.problem };
  if (settings.kind === 'oidc') {
    // Most installations do not need the library.
    const { openIssuerSession } = await import('./issuer-session');
    return openIssuerSession(settings);
  }
  const { caller, problem } = await readSession();
  if (!caller) return { state: 'signed-out', ...(problem !== undefined && { problem }) };
  return { state: 'signed-in', session: createCookieSession(caller) };
}

const ignoreListener = () => () => undefined;

const createCookieSession = (caller: Caller): Session => ({
  caller,
  getAuthorization: () => undefined,
  onRenewed: ignoreListener,
  onExpired: ignoreListener,
  isAccepted: async () => {
    const { caller: present } = await readSession();
    return present?.id === caller.id && present.role === caller.role;
  },
  async signOut() {
    await fetch('/sign-out', { method: 'POST' });
    location.assign('/');
  },
});
