import { connect } from 'node:net';
import type { SecureContext } from 'node:tls';
import { Pool } from 'undici';
import { isUnreachableError } from './connect-error.js';
import { createRotatingLookup } from './rotating-lookup.js';

/** How a data source finds out whether an instance of its subgraph accepts requests. Times are in milliseconds. */
export interface InstanceCheckOptions {
  /**
   * Path that is requested from each instance, such as `/ready`. An instance that answers with a status from 500 to 599 is not ready. One
   * that does not answer in time is silent. @default instances are only checked after a failure, by a TCP connection
   */
  readonly path?: string;
  /** Headers of these requests. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Interval of the requests to an instance that is available. @default 1_000 */
  readonly intervalMs?: number;
  /** Time limit of a check. @default 2_000 */
  readonly timeoutMs?: number;
}

/**
 * What a check has found out. `refused`: there is no connection, for example because the process has ended. `silent`: nothing answers, for
 * example because the process is suspended or its network is cut.
 */
export type InstanceCheckResult = 'available' | 'not-ready' | 'refused' | 'silent';

/** Checks one instance. */
export interface InstanceCheck {
  run(): Promise<InstanceCheckResult>;
  close(): Promise<void>;
}

/** Default of `timeoutMs`. */
const CHECK_TIMEOUT_MS = 2_000;

/** Creates the check of an instance: an HTTP request if there is a path, otherwise a TCP connection. */
export function createInstanceCheck(
  endpoint: URL,
  { path, headers = {}, timeoutMs = CHECK_TIMEOUT_MS }: InstanceCheckOptions,
  secureContext: SecureContext | undefined,
): InstanceCheck {
  if (path === undefined) {
    return {
      run: async () => ((await canConnect(endpoint, timeoutMs)) ? 'available' : 'refused'),
      close: () => Promise.resolve(),
    };
  }
  // A connection is checked again and again, so that a check costs little. A silent one is not used again.
  const pool = new Pool(endpoint.origin, {
    connections: 1,
    connect: { timeout: timeoutMs, lookup: createRotatingLookup(), ...(secureContext && { secureContext }) },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    close: () => pool.destroy(),
    async run() {
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        const { statusCode, body } = await pool.request({ method: 'GET', path, headers, signal });
        await body.dump();
        return statusCode >= 500 ? 'not-ready' : 'available';
      } catch (error) {
        return signal.aborted || isUnreachableError(error) ? 'silent' : 'refused';
      }
    },
  };
}

/** Opens a TCP connection and closes it. */
export const canConnect = ({ protocol, hostname, port }: URL, timeoutMs: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || (protocol === 'https:' ? 443 : 80)),
    });
    const settle = (isReachable: boolean) => {
      socket.destroy();
      resolve(isReachable);
    };
    socket.setTimeout(timeoutMs, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
