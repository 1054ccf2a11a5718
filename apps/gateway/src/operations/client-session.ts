import { laterConsistencyToken, type ConsistencyToken } from '@seguridad-abc/contracts';
import type { ClientSession } from '@seguridad-abc/executor';
import type { Credentials } from '../identity/credentials.js';

/** What is kept of one client between the operations of its WebSocket. */
export interface GatewaySession extends ClientSession {
  credentials: Credentials;
  expiresAt: number | undefined;
  /** What its commands have come to: whatever follows sees that. */
  written: ConsistencyToken | undefined;
}

export const sessionWith = (credentials: Credentials): GatewaySession => ({
  credentials,
  expiresAt: credentials.caller?.expiresAt,
  written: undefined,
});

/** The client has brought newer ones. */
export function renew(session: GatewaySession, credentials: Credentials): GatewaySession {
  session.credentials = credentials;
  session.expiresAt = credentials.caller?.expiresAt;
  return session;
}

export function remember(session: GatewaySession, written: ConsistencyToken | undefined): void {
  session.written = laterConsistencyToken(session.written, written);
}
