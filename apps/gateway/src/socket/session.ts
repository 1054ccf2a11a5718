import { laterToken, type ConsistencyToken } from '@seguridad-abc/contracts';
import { ANONYMOUS, type Credentials } from '../identity/credentials.js';

/** What is kept of one socket between its operations. */
export interface Session {
  /** What the socket's commands have come to: whatever follows on it sees that. */
  readonly written: ConsistencyToken | undefined;
  wrote(token: ConsistencyToken | undefined): void;
  readonly credentials: Credentials;
  /** Who is at the other end, from now on. */
  identified(credentials: Credentials): void;
  /** Calls back when the token has expired that the socket has then. @returns what forgets that */
  onExpiry(listener: () => void): () => void;
  close(): void;
}

/** Timers hold no more. */
const MAX_TIMER_MS = 2 ** 31 - 1;

function createSession(now: () => number): Session {
  let written: ConsistencyToken | undefined;
  let credentials = ANONYMOUS;
  let timer: NodeJS.Timeout | undefined;
  const listeners = new Set<() => void>();

  const watchExpiry = () => {
    clearTimeout(timer);
    const leftMs = (credentials.caller?.expiresAt ?? Infinity) - now();
    if (leftMs === Infinity) return;
    timer = setTimeout(
      () => {
        if (hasExpired(credentials, now())) for (const listener of [...listeners]) listener();
        else watchExpiry();
      },
      Math.min(Math.max(leftMs, 0), MAX_TIMER_MS),
    );
  };

  return {
    get written() {
      return written;
    },
    wrote: (token) => void (written = laterToken(written, token)),
    get credentials() {
      return credentials;
    },
    identified(next) {
      credentials = next;
      watchExpiry();
    },
    onExpiry(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => clearTimeout(timer),
  };
}

export const hasExpired = ({ caller }: Credentials, now: number): boolean =>
  caller !== undefined && caller.expiresAt <= now;

/** @returns the session of a socket, by an object that stands for it */
export function sessions(now: () => number): (socket: object) => Session {
  const known = new WeakMap<object, Session>();
  return (socket) => {
    let session = known.get(socket);
    if (!session) known.set(socket, (session = createSession(now)));
    return session;
  };
}
