import { logPageSchema, type LogPage } from '@seguridad-abc/contracts';
import { getErrorMessage } from '@seguridad-abc/platform/storage';

/**
 * Reads at most `limit` entries of monitoring's log after a position.
 * @throws Error if the log cannot be read now, or if the page does not continue the log
 */
export type ReadLogPage = (after: number, limit: number, signal: AbortSignal) => Promise<LogPage>;

/**
 * Creates the client of monitoring's `GET /log`.
 * @param headers prove to monitoring that the request comes from this installation
 * @param timeoutMs for a whole page; the projector waits for it
 */
export const createLogClient =
  (monitoringUrl: string, headers: Readonly<Record<string, string>>, timeoutMs: number): ReadLogPage =>
  async (after, limit, signal) => {
    const url = new URL('/log', monitoringUrl);
    url.search = new URLSearchParams({ after: String(after), limit: String(limit) }).toString();
    const response = await fetch(url, {
      headers,
      // Another host must not receive the installation secret.
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    }).catch((error: unknown) => {
      // The message of fetch is always "fetch failed"; its cause says more.
      throw new Error(
        getErrorMessage(error instanceof Error && error.cause instanceof Error ? error.cause : error),
      );
    });
    if (!response.ok) throw new Error(`monitoring answered with status ${response.status}`);
    const page = logPageSchema.parse(await response.json());
    assertPageContinues(after, page);
    return page;
  };

/** @throws Error if the entries of a page are not those that follow a position in one log */
export function assertPageContinues(after: number, { logId, entries }: LogPage): void {
  entries.forEach((entry, index) => {
    if (entry.logId !== logId || entry.position !== after + 1 + index)
      throw new Error(`monitoring's log does not continue at position ${after + 1 + index}`);
  });
}
