import type { CommandContext } from '../../command-line/command-host.js';
import { createServiceClient, type ServiceClient } from '../../shared/service-client.js';

/** A client of monitoring's HTTP routes for the tools of its installation. */
export type MonitoringClient = ServiceClient;

/** @throws UnreachableError if monitoring does not answer, or another program uses its port */
export const createMonitoringClient = (
  context: Pick<CommandContext, 'settings' | 'signal'>,
): Promise<MonitoringClient> => createServiceClient('monitoring', context);
