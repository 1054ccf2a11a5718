import type { CommandContext } from '../../command-line/command-host.js';
import { createServiceClient } from '../../shared/service-client.js';

/** A client of monitoring's HTTP routes for the tools of its installation. */
export interface MonitoringClient {
  /**
   * @param body sent as JSON with POST; undefined: the request is a GET
   * @throws UserFacingError if monitoring refuses the request; UnreachableError if it does not answer
   */
  send(path: string, parameters: Readonly<Record<string, string>>, body?: object): Promise<Response>;
}

/** @throws UnreachableError if monitoring does not answer, or another program uses its port */
export async function createMonitoringClient({
  settings,
  signal,
}: Pick<CommandContext, 'settings' | 'signal'>): Promise<MonitoringClient> {
  const client = await createServiceClient('monitoring', settings, signal);
  return {
    send: (path, parameters, body) => client.send(path, parameters, { method: body ? 'POST' : 'GET', body }),
  };
}
