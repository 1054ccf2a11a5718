import { laterToken, type ConsistencyToken } from '@seguridad-abc/contracts';
import type { Session } from '@seguridad-abc/executor';
import type { Credentials } from '../identity/credentials.js';

/** What is kept of one client between the operations of its WebSocket. */
export interface ClientSession extends Session {
  credentials: Credentials;
  expiresAt: number | undefined;
  /** What its commands have come to: whatever follows sees that. */
  written: ConsistencyToken | undefined;
}

export const sessionWith = (credentials: Credentials): ClientSession => ({
  credentials,
  expiresAt: credentials.caller?.expiresAt,
  written: undefined,
});

/** The client has brought newer ones. */
export function renew(session: ClientSession, credentials: Credentials): ClientSession {
  session.credentials = credentials;
  session.expiresAt = credentials.caller?.expiresAt;
  return session;
}

export function remember(session: ClientSession, written: ConsistencyToken | undefined): void {
  session.written = laterToken(session.written, written);
}
