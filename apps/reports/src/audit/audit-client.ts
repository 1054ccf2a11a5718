import { auditPageSchema, type AuditPage, type AuditQuery } from '@seguridad-abc/contracts';
import { ExpectedError } from '@seguridad-abc/platform';

/**
 * Reads a page of the audit trail.
 * @throws ExpectedError SUBGRAPH_UNAVAILABLE if monitoring, which keeps it, does not answer
 */
export type ReadAuditPage = (query: AuditQuery) => Promise<AuditPage>;

const REQUEST_TIMEOUT_MS = 8_000;

/**
 * Creates the client of monitoring's `GET /audit`. The audit trail is not projected: it exists once, so that an erasure has to
 * clear it once.
 * @param headers prove to monitoring that the request comes from this installation
 */
export const createAuditClient =
  (monitoringUrl: string, headers: Readonly<Record<string, string>>): ReadAuditPage =>
  async (query) => {
    const url = new URL('/audit', monitoringUrl);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const response = await fetch(url, {
      headers,
      // Another host must not receive the installation secret.
      redirect: 'error',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    }).catch(() => undefined);
    if (!response?.ok) throw createUnavailableError();
    return auditPageSchema.parse(await response.json());
  };

const createUnavailableError = () =>
  new ExpectedError(
    'SUBGRAPH_UNAVAILABLE',
    'The audit trail cannot be read now, because monitoring does not answer. Retry later.',
  );
