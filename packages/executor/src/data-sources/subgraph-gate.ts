import type { AbortSignalLike } from '../shared/light-abort-signal.js';
import { canConnect } from './instance-check.js';

/** When requests to a subgraph wait instead of failing. Times are in milliseconds. */
export interface SubgraphGateOptions {
  /** How long requests that are not sent yet wait for a subgraph that is being replaced. 0: they never wait. */
  readonly maxWaitMs: number;
  /** Maximum number of bytes of the requests that wait. Further requests fail as if they had waited. @default 67_108_864 // 64 MiB */
  readonly maxWaitingBytes?: number;
  /** Called when the subgraph accepts connections again after it has refused some. */
  readonly onReachable: () => void;
  /** Resolves whether an instance of the subgraph accepts connections. @default it opens a TCP connection and closes it */
  readonly probe?: (endpoint: URL) => Promise<boolean>;
}

/**
 * Lets requests wait while a subgraph is being replaced: its owner calls `hold`, or the ports of all its instances refuse connections.
 * A request that waits has not been sent, so it is neither lost nor run twice.
 *
 * A port that stays closed for longer than `maxWaitMs` belongs to a subgraph that is down: requests then fail at once, until the port
 * accepts connections again.
 */
export interface SubgraphGate {
  /** Whether a request must call `wait` before it is sent. */
  readonly isClosed: boolean;
  /**
   * Waits until the gate opens.
   * @param byteCount size of the request
   * @param timeoutMs how long it waits at most
   * @returns false if the request should fail: the time is over, the request was cancelled, or too many wait
   */
  wait(byteCount: number, timeoutMs: number, signal: AbortSignalLike): Promise<boolean>;
  /** Called before a request is sent. */
  enter(): void;
  /** Called when its response has arrived, or has failed. */
  leave(): void;
  /**
   * Called when a connection has failed: the gate closes until a probe has shown whether the port accepts connections.
   * @returns false if the subgraph is down, so that requests fail at once
   */
  reportUnreachable(): boolean;
  /** Closes the gate until `release`. Resolves when no request is in flight. */
  hold(): Promise<void>;
  release(): void;
  /** Ends the probes, and lets all requests go on. */
  close(): void;
}

/** Interval of probes while requests wait. */
const PROBE_INTERVAL_MS = 50;
/** Interval of probes of a subgraph that is down. */
const SLOW_PROBE_INTERVAL_MS = 250;
const PROBE_TIMEOUT_MS = 1_000;
/** An owner that does not release its hold has failed. */
const MAX_HOLD_MS = 60_000;

/** `suspected`: connections fail, and requests wait. `down`: for so long that requests fail at once. */
type Reachability = 'reachable' | 'suspected' | 'down';

/** @param endpoints those of all instances: the subgraph is reachable if one of them is */
export function createSubgraphGate(endpoints: readonly URL[], options: SubgraphGateOptions): SubgraphGate {
  const { maxWaitMs, maxWaitingBytes = 67_108_864, onReachable, probe = probeConnection } = options;
  const waiting = new Set<(mayPass: boolean) => void>();
  let waitingBytes = 0;
  let inFlightCount = 0;
  let reachability: Reachability = 'reachable';
  let isHeld = false;
  let isEnded = false;
  let hasRefused = false;
  let suspectedSince = 0;
  let probeTimer: NodeJS.Timeout | undefined;
  let holdTimer: NodeJS.Timeout | undefined;
  let onIdle: (() => void)[] = [];

  const isClosed = () => isHeld || reachability === 'suspected';
  const letPass = (mayPass: boolean) => {
    if (mayPass && isClosed()) return;
    for (const settle of [...waiting]) settle(mayPass);
  };
  const runProbe = async () => {
    const isReachable = await isAnyReachable(endpoints, probe);
    if (isEnded || reachability === 'reachable') return;
    if (isReachable) {
      const wasClosed = hasRefused;
      reachability = 'reachable';
      hasRefused = false;
      if (wasClosed) onReachable();
      letPass(true);
      return;
    }
    hasRefused = true;
    if (reachability === 'suspected' && performance.now() - suspectedSince >= maxWaitMs) {
      reachability = 'down';
      if (!isHeld) letPass(false);
    }
    probeTimer = setTimeout(
      startProbe,
      reachability === 'down' ? SLOW_PROBE_INTERVAL_MS : PROBE_INTERVAL_MS,
    ).unref();
  };
  const startProbe = () => void runProbe();
  const release = () => {
    clearTimeout(holdTimer);
    isHeld = false;
    letPass(true);
  };

  return {
    get isClosed() {
      return isClosed();
    },
    wait(byteCount, timeoutMs, signal) {
      if (waitingBytes + byteCount > maxWaitingBytes || signal.aborted) return Promise.resolve(false);
      waitingBytes += byteCount;
      return new Promise((resolve) => {
        const settle = (mayPass: boolean) => {
          if (!waiting.delete(settle)) return;
          waitingBytes -= byteCount;
          clearTimeout(timer);
          signal.removeEventListener('abort', giveUp);
          resolve(mayPass);
        };
        const giveUp = () => settle(false);
        const timer = setTimeout(giveUp, timeoutMs);
        signal.addEventListener('abort', giveUp);
        waiting.add(settle);
      });
    },
    enter() {
      inFlightCount += 1;
    },
    leave() {
      inFlightCount -= 1;
      if (inFlightCount > 0 || onIdle.length === 0) return;
      for (const resolve of onIdle) resolve();
      onIdle = [];
    },
    reportUnreachable() {
      if (maxWaitMs === 0 || isEnded || reachability === 'down') return false;
      if (reachability === 'reachable') {
        reachability = 'suspected';
        suspectedSince = performance.now();
        startProbe();
      }
      return true;
    },
    async hold() {
      if (maxWaitMs === 0 || isEnded) return;
      isHeld = true;
      clearTimeout(holdTimer);
      holdTimer = setTimeout(release, MAX_HOLD_MS).unref();
      if (inFlightCount > 0) await new Promise<void>((resolve) => onIdle.push(resolve));
    },
    release,
    close() {
      isEnded = true;
      clearTimeout(probeTimer);
      reachability = 'reachable';
      release();
    },
  };
}

/** Resolves with the first one that is reachable. */
const isAnyReachable = (
  endpoints: readonly URL[],
  probe: (endpoint: URL) => Promise<boolean>,
): Promise<boolean> =>
  Promise.any(
    endpoints.map(async (endpoint) => {
      if (!(await probe(endpoint))) throw new Error('not reachable');
    }),
  ).then(
    () => true,
    () => false,
  );

const probeConnection = (endpoint: URL): Promise<boolean> => canConnect(endpoint, PROBE_TIMEOUT_MS);
