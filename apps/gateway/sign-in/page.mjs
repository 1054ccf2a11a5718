// Runs in the browser: exchanges the code of a sign-in link for a cookie, or shows whether the browser is signed in.

/** @typedef {{ signedIn: boolean, id?: string, expiresAt?: number, problem?: string }} Session what `GET /sign-in/session` returns */

const NOT_SIGNED_IN =
  'Not signed in. Run "npm run -s sign-in" in the folder of the project and open the link that it prints.';

const state = /** @type {HTMLElement} */ (document.querySelector('#state'));
const signOutButton = /** @type {HTMLButtonElement} */ (document.querySelector('#sign-out'));

async function run() {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  // The code must not stay in the address bar and in the history.
  history.replaceState(null, '', location.pathname);
  signOutButton.hidden = true;
  try {
    if (code === null) await showSession();
    else await signIn(code);
  } catch {
    state.textContent = 'The gateway does not answer. Start it with "npm start", then reload this page.';
  }
}

/** @param {string} code */
async function signIn(code) {
  state.textContent = 'Signing in.';
  const response = await fetch('/sign-in', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  if (response.ok) {
    location.replace('/');
    return;
  }
  /** @type {unknown} */
  const body = await response.json();
  const { errors } = /** @type {{ errors: readonly { message: string }[] }} */ (body);
  state.textContent = errors.map(({ message }) => message).join(' ');
}

async function showSession() {
  const response = await fetch('/sign-in/session');
  /** @type {unknown} */
  const body = await response.json();
  const { signedIn, id = '', expiresAt = 0, problem = NOT_SIGNED_IN } = /** @type {Session} */ (body);
  signOutButton.hidden = !signedIn;
  state.textContent = signedIn
    ? `Signed in as ${id} until ${new Date(expiresAt).toLocaleTimeString()}.`
    : problem;
}

async function signOut() {
  await fetch('/sign-out', { method: 'POST' });
  await run();
}

signOutButton.addEventListener('click', () => void signOut());
// A second link that is opened in this tab changes the fragment only.
addEventListener('hashchange', () => {
  if (location.hash !== '') void run();
});
await run();
