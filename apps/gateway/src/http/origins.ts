import type { GatewayConfig } from '../config.js';

/** Where Apollo serves Sandbox and Explorer from. */
const SANDBOX_ORIGINS = [
  'https://studio.apollographql.com',
  'https://sandbox.embed.apollographql.com',
  'https://explorer.embed.apollographql.com',
];

/** Web origins whose pages may call this gateway, beside those that it serves itself. */
export const allowedOrigins = (
  config: Pick<GatewayConfig, 'CORS_ORIGINS' | 'NODE_ENV'>,
): readonly string[] =>
  config.NODE_ENV === 'development' ? [...config.CORS_ORIGINS, ...SANDBOX_ORIGINS] : config.CORS_ORIGINS;

/**
 * Whether a WebSocket may be opened. Browsers ask no preflight for sockets, so that any page could send mutations over
 * one; they do say which page it is. Other clients say nothing.
 */
export function mayOpenSocket(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
): boolean {
  if (origin === undefined || allowed.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
