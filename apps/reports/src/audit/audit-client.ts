import { auditPageSchema, type AuditPage, type AuditQuery } from '@seguridad-abc/contracts';
import { createInstanceRotation, ExpectedError } from '@seguridad-abc/platform';

/**
 * Reads a page of the audit trail.
 * @throws ExpectedError SUBGRAPH_UNAVAILABLE if monitoring, which keeps it, does not answer
 */
export type ReadAuditPage = (query: AuditQuery) => Promise<AuditPage>;

const REQUEST_TIMEOUT_MS = 8_000;

/**
 * Creates the client of monitoring's `GET /audit`. The audit trail is not projected: it exists once, so that an erasure has to
 * clear it once. Any instance of monitoring can answer.
 * @param monitoringUrls the base URLs of the instances
 * @param headers prove to monitoring that the request comes from this installation
 */
export function createAuditClient(
  monitoringUrls: readonly string[],
  headers: Readonly<Record<string, string>>,
): ReadAuditPage {
  const instances = createInstanceRotation(() => monitoringUrls);
  return async (query) => {
    const body = await instances
      .request((monitoringUrl, signal) => fetchPage(monitoringUrl, query, headers, signal), {
        timeoutMs: REQUEST_TIMEOUT_MS,
      })
      .catch(() => {
        throw createUnavailableError();
      });
    return auditPageSchema.parse(body);
  };
}

/** @throws Error if the instance does not answer with a page */
async function fetchPage(
  monitoringUrl: string,
  query: AuditQuery,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<unknown> {
  const url = new URL('/audit', monitoringUrl);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, String(value));
  // Another host must not receive the installation secret.
  const response = await fetch(url, { headers, redirect: 'error', signal });
  if (!response.ok) throw new Error(`monitoring answered with status ${response.status}`);
  return response.json();
}

const createUnavailableError = () =>
  new ExpectedError(
    'SUBGRAPH_UNAVAILABLE',
    'The audit trail cannot be read now, because monitoring does not answer. Retry later.',
  );
