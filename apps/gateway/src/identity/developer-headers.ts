import { AUTHORIZATION_HEADER, issueEmbeddedToken } from '@seguridad-abc/platform';
import type { GatewayConfig } from '../config.js';

const TTL_MS = 12 * 3_600_000; // 12 hours

type Settings = Pick<GatewayConfig, 'AUTH' | 'AUTH_JWKS_URL' | 'DATA_DIR'>;

/** What makes a developer on this machine an operator; nothing where tokens are not issued here. */
export const developerHeaders =
  ({ AUTH, AUTH_JWKS_URL, DATA_DIR }: Settings) =>
  async (): Promise<Readonly<Record<string, string>>> => {
    if (AUTH === 'off' || AUTH_JWKS_URL !== undefined) return {};
    const token = await issueEmbeddedToken(DATA_DIR, { id: 'operator', role: 'operator' }, TTL_MS);
    return { [AUTHORIZATION_HEADER]: `Bearer ${token}` };
  };
