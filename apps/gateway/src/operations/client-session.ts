import { laterToken, type ConsistencyToken } from '@seguridad-abc/contracts';
import type { Session } from '@seguridad-abc/executor';
import type { Credentials } from '../identity/credentials.js';

/** What is kept of one client between the operations of its WebSocket. */
export interface ClientSession extends Session {
  /** What its commands have come to: whatever follows sees that. */
  readonly written: ConsistencyToken | undefined;
  wrote(token: ConsistencyToken | undefined): void;
  readonly credentials: Credentials;
  /** It has brought newer ones. */
  renew(credentials: Credentials): void;
}

export function createClientSession(first: Credentials): ClientSession {
  let written: ConsistencyToken | undefined;
  let credentials = first;
  return {
    get written() {
      return written;
    },
    wrote: (token) => void (written = laterToken(written, token)),
    get credentials() {
      return credentials;
    },
    get expiresAt() {
      return credentials.caller?.expiresAt;
    },
    renew: (next) => void (credentials = next),
  };
}
