import { healthReport, type HealthReport } from '@seguridad-abc/contracts';

/** Asks the monitor itself, for when Redis does not bring its reports. */
export type FetchReport = (signal: AbortSignal) => Promise<HealthReport>;

/**
 * @param graphqlUrl of the monitor's subgraph; the report is beside it
 * @param headers that show a process of this installation
 */
export function createReportClient(
  graphqlUrl: string,
  headers: Readonly<Record<string, string>>,
): FetchReport {
  const url = new URL('/report', graphqlUrl);
  return async (signal) => {
    const response = await fetch(url, { headers, signal });
    if (!response.ok) throw new Error(`the monitor answered with status ${response.status}`);
    return healthReport.parse(await response.json());
  };
}
