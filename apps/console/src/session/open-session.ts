import { readSession, type Caller, type Session, type SignIn } from './session';
import type { SignInSettings } from './settings';

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
