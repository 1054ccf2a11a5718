import { Agent as HttpAgent, request as requestHttp, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseGraphQLResponse } from '../../graphql/graphql-client.js';
import { getErrorCode } from '../../shared/errors.js';
import type { HttpHeaders } from '../../shared/identity.js';
import type { LoadResult } from './load-report.js';
import type { RequestKind, ScheduledRequest } from './request-schedule.js';

export interface SendLoadOptions {
  readonly url: URL;
  readonly headers: HttpHeaders;
  /** Creates the body of the next request of a kind. */
  readonly createBody: (kind: RequestKind) => string;
  /** A request that is due while all connections are in use waits for one. */
  readonly connections: number;
  /** A request without a response after this time since it was due has failed. */
  readonly timeoutMs: number;
  /** Ends the load; requests in flight are still answered. */
  readonly signal: AbortSignal;
  readonly onProgress: (done: number) => void;
}

/** Sends each request at the instant at which it is due. Resolves when all have a response or have failed. */
export async function sendLoad(
  requests: readonly ScheduledRequest[],
  { url, headers, createBody, connections, timeoutMs, signal, onProgress }: SendLoadOptions,
): Promise<LoadResult[]> {
  const isSecure = url.protocol === 'https:';
  const agent = new (isSecure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: connections });
  const startedAt = performance.now();
  const getElapsedMs = () => performance.now() - startedAt;
  const results: LoadResult[] = [];

  const send = (body: string, timeout: AbortSignal) =>
    new Promise<string | undefined>((resolve, reject) => {
      const request = (isSecure ? requestHttps : requestHttp)(url, {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
        signal: timeout,
      });
      request.on('error', reject);
      request.on('response', (response) => void readErrorCode(response).then(resolve, reject));
      request.end(body);
    });
  const run = async ({ kind, dueMs }: ScheduledRequest) => {
    const startedMs = getElapsedMs();
    const timeout = AbortSignal.timeout(Math.max(1, Math.round(timeoutMs - (startedMs - dueMs))));
    const errorCode = await send(createBody(kind), timeout).catch((error: unknown) =>
      timeout.aborted ? 'TIMEOUT' : (getErrorCode(error) ?? 'CONNECTION_FAILED'),
    );
    results.push({ kind, dueMs, startedMs, endedMs: getElapsedMs(), errorCode });
    onProgress(results.length);
  };

  const pending: Promise<void>[] = [];
  try {
    for (const request of requests) {
      const waitMs = request.dueMs - getElapsedMs();
      if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) break;
      pending.push(run(request));
    }
    await Promise.all(pending);
  } finally {
    agent.destroy();
  }
  return results;
}

/** @returns the code of the first error of a response; undefined if it has none */
async function readErrorCode(response: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const parsed = parseGraphQLResponse<unknown>(Buffer.concat(chunks).toString());
  if (!parsed) return `HTTP_${response.statusCode ?? 0}`;
  return parsed.errors?.[0] && (parsed.errors[0].extensions?.code ?? 'UNKNOWN_ERROR');
}
