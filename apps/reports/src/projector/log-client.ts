import { logPageSchema, type LogPage } from '@seguridad-abc/contracts';
import { errorMessage } from '@seguridad-abc/platform';

/** Monitoring's log itself, for what the stream cannot answer. */
export interface LogClient {
  /**
   * The entries after a position, at most `limit`, and where the log ends.
   * @throws Error where the log cannot be read now
   */
  page(after: number, limit: number, abort: AbortSignal): Promise<LogPage>;
}

/**
 * @param headers that show a process of this installation
 * @param timeoutMs for a page as a whole: the projector stands still meanwhile */
export const createLogClient = (
  monitoringUrl: string,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): LogClient => ({
  async page(after, limit, abort) {
    const url = new URL('/log', monitoringUrl);
    url.search = new URLSearchParams({ after: String(after), limit: String(limit) }).toString();
    const response = await fetch(url, {
      headers,
      signal: AbortSignal.any([abort, AbortSignal.timeout(timeoutMs)]),
    }).catch((error: unknown) => {
      throw new Error(causeOf(error));
    });
    if (!response.ok) throw new Error(`it answered with status ${response.status}`);
    return logPageSchema.parse(await response.json());
  },
});

/** Fetch itself says "fetch failed" and no more. */
const causeOf = (error: unknown): string =>
  errorMessage(error instanceof Error && error.cause instanceof Error ? error.cause : error);
