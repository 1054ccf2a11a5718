import { localAddress } from '../../settings.mjs';
import { UsageError } from '../cli/exit.mjs';

/** The option of every tool that speaks with a gateway. */
export const URL_OPTION = /** @type {const} */ ({ url: { type: 'string' } });

export const URL_HELP = `  --url URL              the gateway's GraphQL endpoint; by default this installation's
                         (HOST and GATEWAY_PORT, from the environment or .env). Tools are operators of this
                         installation; elsewhere, give a token as AUTH_TOKEN`;

/** Whoever has this installation's data folder acts for all its users: tools do, and who tries things at the terminal. */
export const OPERATOR = /** @type {const} */ ({ id: 'operator', role: 'operator' });

/**
 * @param {string | undefined} given
 * @param {import('../../settings.mjs').Settings} settings
 * @returns {URL}
 * @throws {UsageError}
 */
export function endpoint(given, { host, ports }) {
  const text = given ?? `http://${localAddress(host, ports['GATEWAY_PORT'] ?? '')}/graphql`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new UsageError(`The gateway's URL must be like http://127.0.0.1:4000/graphql (it is "${text}").`);
}
