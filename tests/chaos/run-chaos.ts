import { setTimeout as sleep } from 'node:timers/promises';
import { checkAlarms } from './alarm-oracle.js';
import { checkHistory, type CheckResult } from './check-history.js';
import { checkSubscribers, checkWrites } from './check-writes.js';
import { startClients } from './clients.js';
import { scheduleFaults } from './fault-schedule.js';
import type { FaultName } from './faults.js';
import { readAlarms, readRules, readStatuses, readStoredReadings, readTransitions } from './final-state.js';
import { createNotingClient } from './graphql-requests.js';
import type { ChaosHistory, FailedRequest, FaultPeriod } from './history.js';
import { startChaosInstallation } from './installation.js';
import { findFaultObstacle, runFaultStep, waitUntilHealed } from './nemesis.js';
import { startSubscribers } from './subscribers.js';

/** Clients run without a fault for this time before the first one. */
const WARM_UP_MS = 3_000;
/** No step is shorter. */
const MIN_STEP_MS = 500;
/** How long reports, alarms and subscribers may need until they have everything, after the clients have ended. */
const SETTLE_TIMEOUT_MS = 30_000;
const SETTLE_INTERVAL_MS = 500;
/** Caches and connections of the run may be released later than its end. */
const REST_MS = 3_000;

export interface ChaosOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly faults: readonly FaultName[];
  readonly log: (text: string) => void;
}

export interface ChaosResult {
  readonly history: ChaosHistory;
  readonly checks: readonly CheckResult[];
  /** What the processes of the installation have printed. */
  readonly output: string;
}

/** Runs clients and a nemesis on an installation for some time, and checks the whole history. */
export async function runChaos({ seed, minutes, faults, log }: ChaosOptions): Promise<ChaosResult> {
  const startedAt = Date.now();
  const logWithTime = (text: string) =>
    log(`${((Date.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${text}`);
  logWithTime('starting the installation');
  const installation = await startChaosInstallation();
  try {
    const possible = faults.filter((name) => {
      const obstacle = findFaultObstacle(name, installation);
      if (obstacle !== undefined) logWithTime(`skipped: ${name} (${obstacle})`);
      return obstacle === undefined;
    });
    const failures: FailedRequest[] = [];
    const client = createNotingClient(installation.origin, installation.authorization, (failure) =>
      failures.push(failure),
    );
    const readInstallationStatuses = () => readStatuses(installation);
    if ((await waitUntilHealed(readInstallationStatuses)) === null)
      throw new Error('The installation does not become UP.');
    const clientsStartedAt = Date.now();
    const subscribers = startSubscribers(installation, (failure) => failures.push(failure));
    await subscribers.ready;
    const clients = startClients(client, seed);
    logWithTime(`clients run (seed ${seed}), faults: ${possible.join(', ')}`);
    await sleep(WARM_UP_MS);
    const usageBefore = await installation.measureUsage();

    const periods: FaultPeriod[] = [];
    const faultProblems: string[] = [];
    const runMs = minutes * 60_000;
    const endsAt = Date.now() + runMs;
    for (const step of scheduleFaults(seed, possible, Math.ceil(runMs / MIN_STEP_MS))) {
      if (Date.now() + step.pauseMs >= endsAt) break;
      await sleep(step.pauseMs);
      const { period, problems } = await runFaultStep(step, {
        installation,
        readStatuses: readInstallationStatuses,
        log: logWithTime,
      });
      periods.push(period);
      faultProblems.push(...problems);
    }

    logWithTime('no more faults: the clients end');
    await clients.stop();
    const { commands, unacknowledged, readings, reads } = clients.history;
    logWithTime(
      `${commands.length} commands, ${readings.length} readings and ${reads.length} reads were answered`,
    );
    await sleep(REST_MS);
    const usageAfter = await installation.measureUsage();
    const createHistory = async (): Promise<ChaosHistory> => ({
      seed,
      startedAt,
      commands,
      unacknowledged,
      readings,
      reads,
      changes: [...subscribers.changes],
      subscribers: subscribers.list,
      health: [...subscribers.health, ...(await readTransitions(client, clientsStartedAt))],
      failures,
      periods,
      faultProblems,
      final: {
        rules: await readRules(client, clients.userIds),
        alarms: await readAlarms(client, clients.userIds),
        readings: storedReadings,
        statuses: await readInstallationStatuses(),
        verificationProblem,
        usageBefore,
        usageAfter,
        at: Date.now(),
      },
    });
    const storedReadings = await readStoredReadings(installation, clients.userIds);
    let verificationProblem: string | undefined;
    let history = await createHistory();
    // Alarms are raised and delivered a little after their readings.
    const deadline = Date.now() + SETTLE_TIMEOUT_MS;
    while (!isSettled(history) && Date.now() < deadline) {
      await sleep(SETTLE_INTERVAL_MS);
      history = await createHistory();
    }
    const verification = await installation.run('verify');
    if (verification.code !== 0)
      verificationProblem = `${verification.stdout}${verification.stderr}`.trim() || 'npm run verify failed';
    history = await createHistory();
    await subscribers.close();
    return { history, checks: checkHistory(history), output: installation.getOutput() };
  } finally {
    await installation.close();
    logWithTime('the installation is stopped');
  }
}

const isSettled = (history: ChaosHistory): boolean =>
  [checkWrites, checkSubscribers, checkAlarms].every((check) => check(history).length === 0);
