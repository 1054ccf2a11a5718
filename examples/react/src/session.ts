/** The user whose page this is. */
export const userId = new URLSearchParams(location.search).get('user') ?? 'ana';

const url = new URL(import.meta.env.VITE_TOKEN_URL ?? '/token', location.href);
url.searchParams.set('user', userId);

/** A token is exchanged this long before its end. */
const SPARE_MS = 60_000;

interface Known {
  readonly authorization: string;
  /** In ms since 1970. */
  readonly until: number;
}
let known: Promise<Known> | undefined;

/** What says who asks, good for a minute at least. Here is the place of an application's own sign-in. */
export async function signedIn(): Promise<Known> {
  const present = await known?.catch(() => undefined);
  if (present && present.until > Date.now()) return present;
  known = fetchToken();
  return known;
}

async function fetchToken(): Promise<Known> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`There is no token: status ${response.status}.`);
  const token = await response.text();
  // Nobody has to say who he is where AUTH=off.
  if (token === '') return { authorization: '', until: Infinity };
  const [, payload = ''] = token.split('.');
  const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
  const { exp } = claims as { exp: number };
  return { authorization: `Bearer ${token}`, until: exp * 1_000 - SPARE_MS };
}
