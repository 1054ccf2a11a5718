import { laterToken, type ConsistencyToken } from '@seguridad-abc/contracts';

/** What is kept of one socket between its operations. */
export interface Session {
  /** What the socket's commands have come to: whatever follows on it sees that. */
  readonly written: ConsistencyToken | undefined;
  wrote(token: ConsistencyToken | undefined): void;
}

function createSession(): Session {
  let written: ConsistencyToken | undefined;
  return {
    get written() {
      return written;
    },
    wrote: (token) => void (written = laterToken(written, token)),
  };
}

/** @returns the session of a socket, by an object that stands for it */
export function sessions(): (socket: object) => Session {
  const known = new WeakMap<object, Session>();
  return (socket) => {
    let session = known.get(socket);
    if (!session) known.set(socket, (session = createSession()));
    return session;
  };
}
