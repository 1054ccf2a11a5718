import { runWithTimeout } from '@seguridad-abc/platform/installation';
import { SERVICES, type InstallationSettings, type ServiceName } from '../../shared/installation-settings.js';
import type { ProgramReplacement } from './child-process.js';
import { createListeningSocket } from './listening-socket.js';
import { createServiceProgram, sendToService, waitForServiceMessage } from './service-program.js';
import { superviseProgram, type ProgramListener, type SupervisedProgram } from './supervisor.js';
import { stopClaimedService, type UnsupervisedServices } from './unsupervised-services.js';

export interface SuperviseServicesOptions {
  readonly settings: Pick<InstallationSettings, 'host' | 'ports'>;
  readonly env: Readonly<Record<string, string>>;
  /** Services of an earlier start, which are replaced one after the other. */
  readonly unsupervised: UnsupervisedServices;
  /** A service that is silent for this time is killed, in milliseconds. 0: never */
  readonly hangTimeoutMs: number;
  readonly listener: ProgramListener;
}

/** How long the gateway may take to finish its requests to a subgraph. It gives up a request after 10 s. */
const HOLD_TIMEOUT_MS = 11_000;

/**
 * Runs the services, and restarts each whenever it ends. The supervisor keeps the listening socket of the gateway, so that a new
 * process starts before the old one stops. The other services have a database that one process uses at a time: the gateway lets
 * requests wait while they are replaced.
 */
export function superviseServices(options: SuperviseServicesOptions): readonly SupervisedProgram[] {
  const { settings, env, unsupervised, hangTimeoutMs, listener } = options;
  const { host, ports } = settings;
  const findGateway = () => programs.find(({ name }) => name === 'gateway')?.getChild();

  const holdRequests = async (subgraph: ServiceName) => {
    const gateway = findGateway();
    if (!gateway?.connected) return;
    const gone = new AbortController();
    gateway.once('disconnect', () => gone.abort());
    const held = runWithTimeout(HOLD_TIMEOUT_MS, gone.signal, (signal) =>
      waitForServiceMessage(
        gateway,
        (message) => message.type === 'subgraph-held' && message.subgraph === subgraph,
        signal,
      ),
    );
    sendToService(gateway, { type: 'hold-subgraph', subgraph });
    // After the timeout, requests in flight are cut off: the service ends its own stop.
    await held.catch(() => undefined);
  };
  const releaseRequests = (subgraph: ServiceName) => {
    const gateway = findGateway();
    if (gateway) sendToService(gateway, { type: 'release-subgraph', subgraph });
  };

  const gatewaySocket = createListeningSocket(host, Number(ports.GATEWAY_PORT), () => {
    const claimed = unsupervised.get('gateway');
    // The port is free before the process has ended: it finishes its requests meanwhile.
    if (claimed) void stopClaimedService(claimed);
    return Promise.resolve();
  });
  const drain: ProgramReplacement['drain'] = (child) => sendToService(child, { type: 'drain' });
  const drainHeld: ProgramReplacement['drain'] = (child) =>
    sendToService(child, { type: 'drain', isHeld: true });

  /** Resolves when the services before are started. Those of an earlier start are replaced one after the other. */
  let previousStarted: Promise<unknown> = Promise.resolve();
  const programs = SERVICES.map((service): SupervisedProgram => {
    const { name } = service;
    const isGateway = name === 'gateway';
    const turn = previousStarted;
    const takeOver = async () => {
      await turn;
      // The gateway of the earlier start is asked to stop when its successor is about to listen.
      if (claimed && !isGateway) await stopClaimedService(claimed);
    };
    const claimed = unsupervised.get(name);
    const program = superviseProgram(
      createServiceProgram(service, settings, env, {
        hangTimeoutMs,
        socket: isGateway ? gatewaySocket : undefined,
        replacement: isGateway
          ? { overlaps: true, drain }
          : { overlaps: false, prepare: () => holdRequests(name), drain: drainHeld },
        beforeFirstStart: unsupervised.size > 0 ? takeOver : undefined,
        onAccepting: () => releaseRequests(name),
      }),
      listener,
    );
    previousStarted = program.started.catch(() => undefined);
    return program;
  });
  return programs;
}
