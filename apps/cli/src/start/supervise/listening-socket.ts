import type { SendHandle } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import * as net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A socket that this process keeps open, and on which the processes of a service accept connections. */
export interface ListeningSocket {
  /**
   * Opens the socket, if it is not open.
   * @returns undefined if it cannot be opened: the service then listens by itself, and reports why it cannot
   */
  open(): Promise<SendHandle | undefined>;
  /** Closes it, so that connections are refused. */
  close(): void;
}

/** The part of a bound socket of Node.js that has no public name. */
interface SocketHandle {
  getsockname(result: object): number;
  close(): void;
}
type CreateServerHandle = (
  address: string,
  port: number,
  addressType: number,
  fd: undefined,
  flags: number,
) => SocketHandle | number;

/**
 * Binds a socket without accepting connections. Node.js has no public function for that: `server.listen` always accepts, and this
 * process would have to pass on every connection. The module `cluster` of Node.js uses this function for its workers.
 */
const { _createServerHandle: createServerHandle } = net as unknown as {
  readonly _createServerHandle?: CreateServerHandle;
};

/** How long another process may take to free the port. */
const BUSY_TIMEOUT_MS = 25_000;
const RETRY_INTERVAL_MS = 5;

/** @param beforeOpen called before the socket is opened for the first time */
export function createListeningSocket(
  host: string,
  port: number,
  beforeOpen: () => Promise<void> = () => Promise.resolve(),
): ListeningSocket {
  /** One opening for all processes that want the socket: a port that is in use becomes free only after a while. */
  let opening: Promise<SocketHandle | undefined> | undefined;
  let isFirst = true;

  const tryOpen = async (): Promise<SocketHandle | undefined> => {
    if (!createServerHandle) return undefined;
    const { address, family } = await lookup(host);
    const deadline = performance.now() + BUSY_TIMEOUT_MS;
    for (;;) {
      const bound = createServerHandle(address, port, family, undefined, 0);
      if (typeof bound === 'number') return undefined;
      // A port in use is reported by the first use of the socket only.
      if (bound.getsockname({}) === 0) return bound;
      bound.close();
      if (performance.now() >= deadline) return undefined;
      await sleep(RETRY_INTERVAL_MS);
    }
  };

  const openOnce = async () => {
    if (isFirst) await beforeOpen();
    isFirst = false;
    return tryOpen().catch(() => undefined);
  };

  return {
    async open() {
      const current = (opening ??= openOnce());
      const handle = await current;
      if (!handle && opening === current) opening = undefined;
      return handle as unknown as SendHandle | undefined;
    },
    close() {
      void opening?.then((handle) => handle?.close());
      opening = undefined;
    },
  };
}
