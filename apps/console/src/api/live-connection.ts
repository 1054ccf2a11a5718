import { createClient, type Client } from 'graphql-ws';

/** How often the client asks whether the gateway still answers, if it receives nothing else. */
const KEEP_ALIVE_MS = 5_000;
/** The connection counts as lost if the gateway does not answer a ping within this time. */
const PONG_TIMEOUT_MS = 5_000;
/** Close codes of the gateway that say that the token is missing, invalid or expired (docs/errors.md). */
const REFUSED_CLOSE_CODES = [4401, 4403];

/** Whether what the page shows follows the gateway. */
export interface LiveState {
  readonly status: 'connecting' | 'connected' | 'lost';
  /** The last instant at which what is shown was known to be true, in milliseconds since 1970. */
  readonly currentUntil: number;
}

/** The one WebSocket of the page, over which all subscriptions run. */
export interface LiveConnection {
  readonly client: Client;
  readonly getState: () => LiveState;
  /** Calls a listener after each change of the state. Returns a function that removes it. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Sends the renewed token: the gateway closes a connection when its token expires. */
  readonly renewAuthorization: () => void;
  readonly close: () => void;
}

interface LiveConnectionOptions {
  readonly url: string;
  /** Undefined if the browser sends a cookie. */
  readonly getAuthorization: () => string | undefined;
  /** Called after each connection except the first: changes in between may have been missed. */
  readonly onReconnected: () => void;
  /** Called when the gateway refuses the caller. */
  readonly onRefused: () => void;
}

/** Opens the connection, and opens it again whenever it is lost. */
export function createLiveConnection(options: LiveConnectionOptions): LiveConnection {
  const { url, getAuthorization, onReconnected, onRefused } = options;
  const listeners = new Set<() => void>();
  let state: LiveState = { status: 'connecting', currentUntil: Date.now() };
  const setState = (next: LiveState) => {
    state = next;
    for (const listener of listeners) listener();
  };
  const describeAuthorization = () => {
    const authorization = getAuthorization();
    return authorization === undefined ? {} : { authorization };
  };

  const client = createClient({
    url,
    // Also a screen without subscriptions shows whether the gateway can be reached.
    lazy: false,
    connectionParams: describeAuthorization,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: waitBeforeReconnect,
    keepAlive: KEEP_ALIVE_MS,
    // The listener of `closed` handles it.
    onNonLazyError: () => undefined,
  });

  let webSocket: WebSocket | undefined;
  let wasConnected = false;
  let pongTimer: ReturnType<typeof setTimeout> | undefined;
  /** The last sign of life of the gateway. Data may be older than the moment at which the loss is noticed. */
  let lastMessageAt = Date.now();

  client.on('connected', (connected) => {
    webSocket = connected as WebSocket;
    lastMessageAt = Date.now();
    setState({ status: 'connected', currentUntil: lastMessageAt });
    if (wasConnected) onReconnected();
    wasConnected = true;
  });
  client.on('message', () => {
    lastMessageAt = Date.now();
  });
  // A gateway that hangs does not close its connections, so the client closes one on which a ping stays unanswered.
  client.on('ping', (isReceived) => {
    if (!isReceived) pongTimer = setTimeout(() => client.terminate(), PONG_TIMEOUT_MS);
  });
  client.on('pong', (isReceived) => {
    if (isReceived) clearTimeout(pongTimer);
  });
  client.on('closed', (event) => {
    clearTimeout(pongTimer);
    if (state.status !== 'lost') {
      setState({ status: wasConnected ? 'lost' : 'connecting', currentUntil: lastMessageAt });
    }
    if (event instanceof CloseEvent && REFUSED_CLOSE_CODES.includes(event.code)) onRefused();
  });

  // The browser knows at once that there is no network. A ping would notice it after some seconds.
  const terminate = () => client.terminate();
  addEventListener('offline', terminate);

  return {
    client,
    getState: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    renewAuthorization() {
      if (webSocket?.readyState !== WebSocket.OPEN) return;
      webSocket.send(JSON.stringify({ type: 'ping', payload: describeAuthorization() }));
    },
    close() {
      removeEventListener('offline', terminate);
      void client.dispose();
    },
  };
}

/** Waits 1 to 2 seconds, so that not all pages connect at once after a restart of the gateway. */
const waitBeforeReconnect = () =>
  new Promise<void>((resolve) => setTimeout(resolve, 1_000 + Math.random() * 1_000));
