import type { Beat } from '@seguridad-abc/contracts';
import { newAbsence } from './absence.js';
import type { Moment } from './moment.js';
import type { Rules } from './rules.js';
import { hearService, judgeService, newService, type Service } from './service.js';
import { beginWatch, interrupt, passTime, see, type Watch } from './watch.js';

/** Everything that the monitor knows. */
export interface MonitorState {
  readonly rules: Rules;
  readonly watch: Watch;
  /** By name. */
  readonly services: readonly Service[];
}

/** Something that happened, applied at the moment when it came. */
export type Input = (state: MonitorState, now: Moment) => MonitorState;

export function begin(rules: Rules, now: Moment): MonitorState {
  const watch = beginWatch(now);
  const services = [...new Set(rules.expected)]
    .sort()
    .map((name) => newService(name, true, newAbsence(watch), now));
  return { rules, watch, services };
}

/** Time has passed. */
export const tick: Input = (state, now) => judge(state, after(state, now), now);

/** A process has beaten, or said goodbye. */
export const hear =
  (beat: Beat): Input =>
  (state, now) => {
    const watch = after(state, now);
    const known = state.services.find(({ name }) => name === beat.service);
    const service = known ?? newService(beat.service, false, newAbsence(watch), now);
    const services = [
      ...state.services.filter((other) => other !== known),
      hearService(service, beat, state.rules, now),
    ].sort((a, b) => (a.name < b.name ? -1 : 1));
    return judge({ ...state, services }, watch, now);
  };

/** Redis has answered, on the connection that beats come on, what was asked at `askedAt` (monotonic). */
export const answered =
  (askedAt: number): Input =>
  (state, now) =>
    judge(state, see(after(state, now), askedAt, state.rules.intervalMs, now), now);

/** The connection that beats come on was lost. */
export const disconnected: Input = (state, now) => judge(state, interrupt(after(state, now)), now);

const after = ({ watch, rules }: MonitorState, now: Moment): Watch => passTime(watch, rules.intervalMs, now);

function judge(state: MonitorState, watch: Watch, now: Moment): MonitorState {
  const services = state.services
    .map((service) => judgeService(service, state.rules, watch, now))
    .filter(({ expected, instances }) => expected || instances.length > 0);
  return { ...state, watch, services };
}
