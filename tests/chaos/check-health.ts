import type { HealthStatus } from '@seguridad-abc/contracts';
import { SERVICES } from '../harness/test-platform.js';
import { groupBy } from './alarm-oracle.js';
import { describeFault } from './fault-schedule.js';
import { getFault, type StatusesByService } from './faults.js';
import {
  STORED_HISTORY,
  type ChaosHistory,
  type FailedRequest,
  type FaultPeriod,
  type HealthObservation,
} from './history.js';

/** A status may be received this long after all services were UP: subscribers receive it a little later than queries. */
const TAIL_MS = 1_500;
/**
 * After a pause or a start, the monitor dates UNKNOWN back to the last time at which it had noted that it ran: each 10 s, and with each
 * change of a status.
 */
const BACKDATED_MS = 11_000;
/** A busy machine can delay a heartbeat without a fault, and health then reports it. */
const TOLERATED: readonly HealthStatus[] = ['UP', 'LATE'];

const getEnd = ({ healedAt }: FaultPeriod): number => (healedAt ?? Infinity) + TAIL_MS;

/** The statuses by service of all faults of a period. With several faults, those of one may hide those of another. */
function collectStatuses(period: FaultPeriod, part: 'required' | 'allowed'): StatusesByService {
  const expectations = period.faults.map(({ name, target }) => getFault(name).getExpectedHealth(target));
  return Object.fromEntries(
    SERVICES.flatMap((service) => {
      const statuses = expectations.flatMap((expectation) => expectation[part][service] ?? []);
      return statuses.length > 0 ? [[service, statuses]] : [];
    }),
  );
}

function isWithin({ observer, status, at }: HealthObservation, period: FaultPeriod): boolean {
  const isBackdated = observer === STORED_HISTORY && status === 'UNKNOWN';
  return at >= period.startedAt - (isBackdated ? BACKDATED_MS : 0) && at <= getEnd(period);
}

/** Whether the faults of a period explain a status. What several faults do together is not predicted. */
function isExplained({ service, status }: HealthObservation, period: FaultPeriod): boolean {
  if (period.faults.length > 1) return true;
  const allowed: Readonly<Record<string, readonly HealthStatus[] | undefined>> = collectStatuses(
    period,
    'allowed',
  );
  return allowed[service]?.includes(status) ?? false;
}

/** Checks that health has reported what each fault demands, and nothing that no fault explains. */
export function checkHealth({ health, periods, final }: ChaosHistory): string[] {
  const messages: string[] = [];
  for (const period of periods) {
    const within = health.filter(({ at }) => at >= period.startedAt && at <= getEnd(period));
    for (const [service, statuses] of Object.entries(collectStatuses(period, 'required'))) {
      // With two faults at once, either may decide what is reported.
      const accepted: readonly HealthStatus[] =
        period.faults.length > 1 ? ['DOWN', 'DEGRADED', 'UNKNOWN', 'LATE'] : statuses;
      if (!within.some((seen) => seen.service === service && accepted.includes(seen.status)))
        messages.push(`${describePeriod(period)}: ${service} was never ${accepted.join(' or ')}`);
    }
  }
  const unexplained = health.filter(
    (one) =>
      !TOLERATED.includes(one.status) &&
      !periods.some((period) => isWithin(one, period) && isExplained(one, period)),
  );
  for (const [, [first]] of groupBy(
    unexplained,
    ({ service, status, reason }) => service + status + reason,
  )) {
    if (!first) continue;
    const period = periods.find((one) => isWithin(first, one));
    const when = period ? describePeriod(period) : 'without a fault';
    const time = new Date(first.at).toISOString();
    messages.push(
      `${first.service} is ${first.status} ${when}, at ${time} (${first.observer}): ${first.reason}`,
    );
  }
  for (const service of SERVICES) {
    if (final.statuses[service] !== 'UP')
      messages.push(`${service} is ${final.statuses[service] ?? 'not listed'} at the end`);
  }
  for (const [observer, seen] of groupBy(health, (one) => one.observer)) {
    for (const [service, ofService] of groupBy(seen, (one) => one.service)) {
      const last = ofService.reduce((a, b) => (b.at >= a.at ? b : a));
      if (last.status !== 'UP') messages.push(`${observer} has last seen ${service} ${last.status}`);
    }
  }
  return messages;
}

/** Checks that the installation was well after each step, and that the nemesis could do its work. */
export const checkHealing = ({ periods, faultProblems }: ChaosHistory): string[] => [
  ...periods
    .filter(({ healedAt }) => healedAt === null)
    .map((period) => `not all services are UP again ${describePeriod(period)}`),
  ...faultProblems,
];

/** Codes with which requests may fail during a fault that fails requests. All others are never correct. */
const TEMPORARY_CODES: readonly string[] = [
  'SUBGRAPH_UNAVAILABLE',
  'SUBGRAPH_TIMEOUT',
  'SERVER_SHUTTING_DOWN',
  'STORAGE_FULL',
  'STORAGE_UNAVAILABLE',
  'CONNECTION_FAILED',
  'TIMEOUT',
];

const overlaps = ({ sentAt, at }: FailedRequest, period: FaultPeriod): boolean =>
  at >= period.startedAt && sentAt <= getEnd(period);

/** Checks that no request failed without a fault that explains it, and that each failure has a code that says what to do. */
export function checkFailures({ failures, periods }: ChaosHistory): string[] {
  const wrong = failures.filter(
    (one) =>
      !TEMPORARY_CODES.includes(one.code) ||
      !periods.some(
        (period) => overlaps(one, period) && period.faults.some(({ name }) => getFault(name).failsRequests),
      ),
  );
  return groupBy(wrong, ({ client, code, message }) => `${client} ${code} ${message}`).flatMap(
    ([, [first, ...others]]) => {
      if (!first) return [];
      const period = periods.find((one) => overlaps(first, one));
      const when = period ? describePeriod(period) : 'without a fault';
      const time = new Date(first.at).toISOString();
      const count = others.length > 0 ? ` (${others.length + 1} times)` : '';
      return `${first.client} failed with ${first.code} ${when}, at ${time}: ${first.message}${count}`;
    },
  );
}

const MAX_CPU_SHARE = 0.3;
const MAX_MEMORY_GROWTH_MB = 120;
const MAX_FILE_GROWTH = 40;

/** Checks that the services use at the end about what they used before the first fault. */
export function checkRest({ final: { usageBefore, usageAfter } }: ChaosHistory): string[] {
  return usageAfter.flatMap(({ service, cpuShare, memoryMb, openFiles }) => {
    const before = usageBefore.find((one) => one.service === service);
    const messages: string[] = [];
    if (cpuShare > MAX_CPU_SHARE) messages.push(`uses ${(100 * cpuShare).toFixed(0)} % of a processor`);
    if (before && memoryMb > before.memoryMb + MAX_MEMORY_GROWTH_MB)
      messages.push(`uses ${memoryMb.toFixed(0)} MB, before ${before.memoryMb.toFixed(0)}`);
    if (before && openFiles > before.openFiles + MAX_FILE_GROWTH)
      messages.push(`has ${openFiles} open files, before ${before.openFiles}`);
    return messages.map((message) => `${service} ${message}`);
  });
}

const describePeriod = ({ faults }: FaultPeriod): string =>
  `during ${faults.map(describeFault).join(' and ')}`;
