import type { Heartbeat, HealthStatus } from '@seguridad-abc/contracts';
import { judgeAbsence, type Absence } from './absence.js';
import { hearInstance, isNews, judgeInstance, type Instance } from './instance.js';
import type { Moment } from './moment.js';
import type { Rules } from './rules.js';
import { provenSilence, type Watch } from './watch.js';

/** A goodbye, and whose it was: nothing from before it counts after it. */
export interface Goodbye {
  readonly instance: string;
  readonly startedAt: string;
  /** Monotonic. */
  readonly at: number;
}

export interface Service {
  readonly name: string;
  /** Missed where it is not heard, and listed always. */
  readonly expected: boolean;
  /** Known from an earlier run of the monitor, without a goodbye, and not heard in this one: listed until it is. */
  readonly remembered: boolean;
  /** By id. */
  readonly instances: readonly Instance[];
  readonly goodbye: Goodbye | undefined;
  /** What processes of other services have against it, a clause each. */
  readonly complaints: readonly string[];
  /** What is thought of it while it has no instance. */
  readonly absence: Absence;
  /** Wall clock; of any of its instances, forgotten ones too. */
  readonly lastBeatAt: number | undefined;
  readonly status: HealthStatus;
  /** Wall clock: when the status began. */
  readonly since: number;
}

export const newService = (name: string, expected: boolean, absence: Absence, now: Moment): Service => ({
  name,
  expected,
  remembered: false,
  instances: [],
  goodbye: undefined,
  complaints: [],
  absence,
  lastBeatAt: undefined,
  status: 'UNKNOWN',
  since: now.wall,
});

/** A process that works and says that something is wrong with it is DEGRADED. */
export const instanceStatus = ({ liveness, complaints }: Instance): HealthStatus =>
  liveness === 'UP' && complaints.length > 0 ? 'DEGRADED' : liveness;

const works = ({ liveness }: Instance): boolean => liveness === 'UP';
const ails = (instance: Instance): boolean => !['UP', 'UNKNOWN'].includes(instanceStatus(instance));

/** The service after one of its beats. */
export function hearService(service: Service, beat: Heartbeat, rules: Rules, now: Moment): Service {
  const { instances, goodbye } = service;
  const before = instances.find(({ id }) => id === beat.instance);
  const departed = goodbye?.instance === beat.instance && goodbye.startedAt === beat.startedAt;
  if (departed || (before && !isNews(before, beat))) return service;

  const others = instances.filter((instance) => instance !== before);
  const heard = { ...service, remembered: false, lastBeatAt: now.wall };
  if (beat.status !== 'stopping') {
    const instance = hearInstance(before, beat, rules, now);
    return { ...heard, instances: [...others, instance].sort((a, b) => (a.id < b.id ? -1 : 1)) };
  }
  return {
    ...heard,
    instances: others,
    goodbye: { instance: beat.instance, startedAt: beat.startedAt, at: now.mono },
    absence: { ...service.absence, status: 'DOWN' },
  };
}

/** What the working processes of other services have against this one. */
export const complaintsAbout = (name: string, services: readonly Service[]): readonly string[] =>
  services.flatMap((other) =>
    other.instances
      .filter(works)
      .flatMap(({ others }) =>
        others
          .filter(({ service }) => service === name && other.name !== name)
          .map(({ detail }) => `${other.name} says: ${detail}`),
      ),
  );

/**
 * The service after time has passed or something was heard; the only place where a status begins.
 * @param inMaintenance whether an operator has taken it out of service: that goes over whatever else there is to say
 */
export function judgeService(
  service: Service,
  { rules, watch, inMaintenance }: { rules: Rules; watch: Watch; inMaintenance: boolean },
  now: Moment,
): Service {
  const judged = service.instances.map((instance) => judgeInstance(instance, watch, now));
  const anyWorks = judged.some(works);
  const isKept = ({ liveness, downAt }: Instance) =>
    !(anyWorks && liveness === 'DOWN' && provenSilence(watch, downAt) >= rules.forgetAfterMs);
  const next = {
    ...service,
    instances: judged.filter(isKept),
    absence: judgeAbsence(service.absence, watch),
  };
  const status = inMaintenance ? 'MAINTENANCE' : statusOf(next);
  return status === service.status ? next : { ...next, status, since: now.wall };
}

function statusOf({ instances, complaints, absence }: Service): HealthStatus {
  if (instances.length === 0) return absence.status;
  if (instances.some(works)) return instances.some(ails) || complaints.length > 0 ? 'DEGRADED' : 'UP';
  const all = new Set(instances.map(({ liveness }) => liveness));
  if (all.has('UNKNOWN')) return 'UNKNOWN';
  return all.has('LATE') ? 'LATE' : 'DOWN';
}
