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

/** What the gateway says about a session. */
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
