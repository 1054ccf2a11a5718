import { count, duration, interval } from './figures.js';
import type { Instance } from './instance.js';
import type { Moment } from './moment.js';
import { BEATS_TO_RETURN, LATE_AFTER } from './rules.js';
import { instanceStatus, type Service } from './service.js';
import { sightedAt, type Restart, type Watch } from './watch.js';

const RESTARTS: Record<Restart, string> = {
  BEGINNING: 'the watch began',
  REDIS: 'Redis came back',
  PAUSE: 'the monitor went on after a pause',
};

/** Why a service has its status, in one sentence with the figures of this moment. */
export function reasonOf(service: Service, watch: Watch, now: Moment): string {
  if (watch.blind)
    return `Redis has been away for ${duration(now.mono - sightedAt(watch))}: beats cannot be heard`;
  const { instances, status, goodbye, absence } = service;
  if (status === 'UNKNOWN' && instances.every(({ liveness }) => liveness === 'UNKNOWN')) {
    return `not judged yet: ${notHeard(watch, now)}`;
  }
  const [first, ...others] = instances;
  if (first) {
    const own =
      others.length === 0 ? reasonOfInstance(first, watch, now) : reasonOfMany(instances, watch, now);
    return status === 'DEGRADED' ? [...service.complaints, own].join('; ') : own;
  }
  return goodbye ? `said goodbye ${duration(now.mono - goodbye.at)} ago` : notHeard(absence, now);
}

const notHeard = ({ since, restartedBy }: Pick<Watch, 'since' | 'restartedBy'>, now: Moment): string =>
  `no beat in the ${duration(now.mono - since)} since ${RESTARTS[restartedBy]}`;

function reasonOfInstance(instance: Instance, watch: Watch, now: Moment): string {
  const { complaints, intervalMs, quietSince, heardAt, endedSilenceMs, liveness } = instance;
  const promise = `every ${interval(intervalMs)}`;
  const silence = now.mono - quietSince;
  switch (liveness) {
    case 'UNKNOWN':
      return notHeard(watch, now);
    case 'UP':
      return complaints.length > 0 ? complaints.join('; ') : `beats as promised, ${promise}`;
    case 'LATE':
    case 'DOWN':
      if (now.mono - heardAt < LATE_AFTER * intervalMs) {
        return `1 beat after ${duration(endedSilenceMs)} of silence; ${BEATS_TO_RETURN} in a row are due, ${promise}`;
      }
      return liveness === 'LATE'
        ? `late ${duration(silence - intervalMs)}; a beat ${promise} is due`
        : `no beat for ${duration(silence)}; a beat ${promise} is due`;
  }
}

/** The groups worth telling, worst first. */
const GROUPS = [
  ['DOWN', 'down'],
  ['LATE', 'late'],
  ['DEGRADED', 'degraded'],
  ['UNKNOWN', 'not judged yet'],
] as const;

/** A sentence names so many of a group; the instances themselves are listed beside it. */
const MAX_NAMED = 3;

function reasonOfMany(instances: readonly Instance[], watch: Watch, now: Moment): string {
  const groups = GROUPS.flatMap(([status, word]) => {
    const members = instances.filter((instance) => instanceStatus(instance) === status);
    if (members.length === 0) return [];
    const named = members
      .slice(0, MAX_NAMED)
      .map((instance) => `${instance.id} (${reasonOfInstance(instance, watch, now)})`);
    if (members.length > MAX_NAMED) named.push(`${count(members.length - MAX_NAMED)} more`);
    const verb = members.length === 1 ? 'is' : 'are';
    return [
      `${count(members.length)} of ${count(instances.length)} instances ${verb} ${word}: ${named.join(', ')}`,
    ];
  });
  return groups.length > 0 ? groups.join('; ') : allBeat(instances);
}

function allBeat(instances: readonly Instance[]): string {
  const promises = [...new Set(instances.map(({ intervalMs }) => interval(intervalMs)))];
  return `${count(instances.length)} instances beat as promised, every ${promises.join(' or ')}`;
}
