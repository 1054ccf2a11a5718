import { healthReportSchema, type HealthReport } from '@seguridad-abc/contracts';
import { besideGraphql } from '../supergraph/subgraph-url.js';

/** Asks the monitor itself, for when Redis does not bring its reports. */
export type FetchReport = (signal: AbortSignal) => Promise<HealthReport>;

/**
 * @param graphqlUrl of the monitor's subgraph, as it is now; the report is beside it. Undefined: there is none
 * @param headers that show a process of this installation
 */
export function createReportClient(
  graphqlUrl: () => string | undefined,
  headers: Readonly<Record<string, string>>,
): FetchReport {
  return async (signal) => {
    const response = await fetch(besideGraphql(graphqlUrl(), '/report'), { headers, signal });
    if (!response.ok) throw new Error(`the monitor answered with status ${response.status}`);
    return healthReportSchema.parse(await response.json());
  };
}
