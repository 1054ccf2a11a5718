/** The user whose page this is, from the parameter `user` of its URL. */
export const userId = new URLSearchParams(location.search).get('user') ?? 'ana';

const tokenUrl = new URL(import.meta.env.VITE_TOKEN_URL ?? '/token', location.href);
tokenUrl.searchParams.set('user', userId);

/** A token is replaced this long before it expires. */
const RENEW_BEFORE_EXPIRY_MS = 60_000;

interface Credentials {
  /** The authorization header. Empty if the installation needs no authentication (AUTH=off). */
  readonly authorization: string;
  /** When to fetch new credentials, in milliseconds since 1970. */
  readonly renewAt: number;
}
let credentials: Promise<Credentials> | undefined;

/** Returns credentials that stay valid for at least one minute. Replace this with the sign-in of your application. */
export async function getCredentials(): Promise<Credentials> {
  const current = await credentials?.catch(() => undefined);
  if (current && current.renewAt > Date.now()) return current;
  credentials = fetchCredentials();
  return credentials;
}

async function fetchCredentials(): Promise<Credentials> {
  const response = await fetch(tokenUrl);
  if (!response.ok) {
    throw new Error(
      `No token: ${tokenUrl.href} responds with status ${response.status}. Is the server running?`,
    );
  }
  const token = await response.text();
  if (token === '') return { authorization: '', renewAt: Infinity };
  const [, payload = ''] = token.split('.');
  const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
  const { exp: expiresAtSeconds } = claims as { exp: number };
  return {
    authorization: `Bearer ${token}`,
    renewAt: expiresAtSeconds * 1_000 - RENEW_BEFORE_EXPIRY_MS,
  };
}
