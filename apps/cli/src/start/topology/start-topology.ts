import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { lockDataFolder } from '@seguridad-abc/platform/installation';
import {
  EXIT_CODES,
  formatError,
  getErrorMessage,
  isInterruptedError,
  UserFacingError,
} from '../../shared/errors.js';
import { readInstallationSettings } from '../../shared/installation-settings.js';
import { listenForInterrupts } from '../../shared/interrupts.js';
import { findRunningStart, recordStart } from '../../shared/running-start.js';
import { runTopology, type TopologyAccess } from './run-topology.js';
import { findTopologyPrograms } from './topology-programs.js';
import { assignTopologyPorts, type InstanceCounts } from './topology-ports.js';

/** Files that this process and its children create are readable by their owner only. */
const OWNER_ONLY_UMASK = 0o077;
/** Folder of the topology, in the data folder. */
const TOPOLOGY_FOLDER = 'ha';

export interface StartTopologyOptions {
  readonly counts: InstanceCounts;
  /** Whether commits wait for the replica of PostgreSQL. */
  readonly isSynchronous: boolean;
}

/** Runs the scaled-out topology until it is asked to stop, and ends this process. It installs nothing. */
export async function startTopology({ counts, isSynchronous }: StartTopologyOptions): Promise<never> {
  process.umask(OWNER_ONLY_UMASK);
  const { stop: signal, kill } = listenForInterrupts();
  try {
    const programs = findTopologyPrograms();
    const settings = readInstallationSettings(process.env);
    const folder = join(settings.dataDir, TOPOLOGY_FOLDER);
    mkdirSync(folder, { recursive: true });
    const ports = assignTopologyPorts(Number(settings.ports.GATEWAY_PORT), counts);
    const unlock = lockTopology(folder);
    const record = ({ redis, control }: TopologyAccess) =>
      recordStart(folder, {
        url: `http://127.0.0.1:${ports.balancer}`,
        addresses: {
          HOST: settings.host,
          ...redis,
          GATEWAY_PORT: String(ports.balancer),
          // Commands that look at one process of a service look at the first one.
          MONITORING_PORT: String(ports.services.monitoring[0]),
          REPORTS_PORT: String(ports.services.reports[0]),
          HEARTBEAT_PORT: String(ports.services.heartbeat[0]),
        },
        ...(control && { control }),
      });
    const removeRecord = record({ redis: {} });
    try {
      await runTopology({
        settings,
        folder,
        programs,
        counts,
        isSynchronous,
        record: (access) => void record(access),
        signal,
        kill,
      });
    } finally {
      removeRecord();
      unlock();
    }
    process.exit(EXIT_CODES.success);
  } catch (error) {
    if (isInterruptedError(error)) process.exit(EXIT_CODES.interrupted);
    process.stderr.write(`${formatError(error)}\n`);
    process.exit(EXIT_CODES.failure);
  }
}

/** The operating system releases the lock when this process ends. */
function lockTopology(folder: string): () => void {
  try {
    return lockDataFolder(folder, 'start');
  } catch (error) {
    const running = findRunningStart(folder);
    throw new UserFacingError(
      running
        ? `npm run ha already runs (pid ${running.pid}): ${running.url}. Stop it with Ctrl-C in its terminal.`
        : getErrorMessage(error),
    );
  }
}
