import { InMemoryWebStorage, UserManager, WebStorageStateStore, type User } from 'oidc-client-ts';
import { readSession, type Session, type SignIn } from './session';
import type { SignInSettings } from './settings';

/** Where the issuer sends the browser after signing in. */
const CALLBACK_PATH = '/console/callback';
/** Marks that the user has signed out in this tab, so that the console does not sign in again by itself. */
const SIGNED_OUT_KEY = 'console-signed-out';

type IssuerSettings = Extract<SignInSettings, { kind: 'oidc' }>;

/**
 * Signs in at an OpenID Connect issuer by the Authorization Code flow with PKCE. Tokens are in memory only: no other page and no
 * later program can read them. After a reload the browser visits the issuer again, which remembers the user.
 */
export async function openIssuerSession(settings: IssuerSettings): Promise<SignIn> {
  const { issuer, clientId, scope, resource } = settings;
  const manager = new UserManager({
    authority: issuer,
    client_id: clientId,
    redirect_uri: `${location.origin}${CALLBACK_PATH}`,
    post_logout_redirect_uri: `${location.origin}/`,
    scope,
    ...(resource !== undefined && { resource }),
    userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
    // The secret of the flow has to survive the visit at the issuer.
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
    automaticSilentRenew: true,
    loadUserInfo: false,
  });
  const start = () => {
    sessionStorage.removeItem(SIGNED_OUT_KEY);
    const returnTo = location.pathname === CALLBACK_PATH ? '/' : `${location.pathname}${location.search}`;
    return manager.signinRedirect({ state: returnTo });
  };
  const offerSignIn = (problem?: string): SignIn => ({
    state: 'signed-out',
    start: () => void start(),
    ...(problem !== undefined && { problem }),
  });

  if (location.pathname === CALLBACK_PATH) {
    let user: User;
    try {
      user = await manager.signinRedirectCallback();
    } catch (error) {
      return offerSignIn(error instanceof Error ? error.message : String(error));
    } finally {
      // The code must not stay in the address bar and in the history.
      history.replaceState(null, '', '/');
    }
    history.replaceState(null, '', toOwnPath(user.state));
    return createIssuerSession(manager, user);
  }
  if (sessionStorage.getItem(SIGNED_OUT_KEY) !== null) return offerSignIn();
  try {
    await start();
  } catch (error) {
    return offerSignIn(error instanceof Error ? error.message : String(error));
  }
  // The browser leaves the page now.
  return new Promise(() => undefined);
}

/** Only a path of the console: the state comes back from another site. */
const toOwnPath = (state: unknown): string =>
  typeof state === 'string' && /^\/(?!\/)/.test(state) ? state : '/';

async function createIssuerSession(manager: UserManager, signedIn: User): Promise<SignIn> {
  let user = signedIn;
  const getAuthorization = () => `Bearer ${user.access_token}`;
  const { caller, problem } = await readSession(getAuthorization());
  if (!caller) {
    return {
      state: 'signed-out',
      problem:
        problem ??
        'The gateway does not accept the token of the issuer. Check AUTH_AUDIENCE and AUTH_ROLE_CLAIM.',
      start: () => void manager.signinRedirect(),
    };
  }
  manager.events.addUserLoaded((renewed) => {
    user = renewed;
  });
  const session: Session = {
    caller,
    getAuthorization,
    onRenewed: (listener) => manager.events.addUserLoaded(listener),
    onExpired: (listener) => manager.events.addAccessTokenExpired(listener),
    isAccepted: async () => (await readSession(getAuthorization())).caller?.id === caller.id,
    async signOut() {
      sessionStorage.setItem(SIGNED_OUT_KEY, '');
      // An issuer without a page for signing out only forgets the token here.
      await manager.signoutRedirect().catch(() => location.assign('/'));
    },
  };
  return { state: 'signed-in', session };
}
