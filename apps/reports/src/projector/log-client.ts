import { get as getOverHttp } from 'node:http';
import { get as getOverHttps } from 'node:https';
import { parseLogPage, type LogPage } from '@seguridad-abc/contracts';
import { createInstanceRotation, getErrorMessage, type LogCheckpoint } from '@seguridad-abc/platform/storage';

/**
 * Reads at most `limit` entries of monitoring's log after a checkpoint. Monitoring compares the checkpoint with its log.
 * @throws Error if the log cannot be read now, or if the page does not continue the log
 */
export type ReadLogPage = (from: LogCheckpoint, limit: number, signal: AbortSignal) => Promise<LogPage>;

interface LogRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/**
 * Creates the client of monitoring's `GET /log`. Any instance of monitoring can answer: they have one log.
 * @param monitoringUrls the base URLs of the instances
 * @param headers prove to monitoring that the request comes from this installation
 * @param timeoutMs for a whole page, from all instances together; the projector waits for it
 * @param requestText sends a request without following redirects: another host must not receive the installation secret
 */
export function createLogClient(
  monitoringUrls: string | readonly string[],
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
  requestText: (url: URL, request: LogRequest) => Promise<string> = fetchText,
): ReadLogPage {
  const instances = createInstanceRotation(() => [monitoringUrls].flat());
  /** Where the last part of a snapshot ended: the reader continues there with the same snapshot. */
  let snapshotPart: { readonly upTo: number; readonly snapshotUpTo: number } | undefined;
  return async ({ logId, position: after, mark }, limit, signal) => {
    const search = new URLSearchParams({
      after: String(after),
      limit: String(limit),
      ...(logId !== null && { log: logId }),
      ...(mark !== undefined && { mark }),
      ...(after > 0 && snapshotPart?.upTo === after && { snapshot: String(snapshotPart.snapshotUpTo) }),
    }).toString();
    const body = await instances.request(
      (monitoringUrl, limited) => {
        const url = new URL('/log', monitoringUrl);
        url.search = search;
        return requestText(url, { headers, signal: limited });
      },
      { timeoutMs, signal },
    );
    const page = parseLogPage(JSON.parse(body), after);
    assertPageContinues(after, page);
    const { snapshotUpTo, upTo } = page;
    if (snapshotUpTo !== undefined && upTo !== undefined) snapshotPart = { upTo, snapshotUpTo };
    return page;
  };
}

async function fetchText(url: URL, request: LogRequest): Promise<string> {
  const response = await fetch(url, { ...request, redirect: 'error' }).catch((error: unknown) => {
    // The message of fetch is always "fetch failed"; its cause says more.
    throw new Error(
      getErrorMessage(error instanceof Error && error.cause instanceof Error ? error.cause : error),
    );
  });
  if (!response.ok) throw createStatusError(response.status);
  return response.text();
}

/** Requests many large pages one after the other: it takes half as much CPU time for a page as `fetch`. */
export async function requestTextInBulk(url: URL, request: LogRequest): Promise<string> {
  const get = url.protocol === 'https:' ? getOverHttps : getOverHttp;
  return new Promise((resolve, reject) => {
    get(url, request, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => void chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString());
        else reject(createStatusError(response.statusCode));
      });
    }).on('error', reject);
  });
}

const createStatusError = (status: number | undefined) =>
  new Error(`monitoring answered with status ${status ?? '?'}`);

/** @throws Error if the entries of a page are not those that follow a position in one log */
export function assertPageContinues(
  after: number,
  { logId, entries, snapshotUpTo, upTo = 0 }: LogPage,
): void {
  let last = after;
  for (const entry of entries) {
    // The positions of a snapshot have gaps.
    const isNext =
      snapshotUpTo === undefined
        ? entry.position === last + 1
        : entry.position > last && entry.position <= upTo;
    if (entry.logId !== logId || !isNext)
      throw new Error(`monitoring's log does not continue at position ${last + 1}`);
    last = entry.position;
  }
}
