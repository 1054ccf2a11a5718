import type { Heartbeat } from '@seguridad-abc/contracts';
import { newAbsence } from './absence.js';
import { isOver, type Maintenance } from './maintenance.js';
import type { Moment } from './moment.js';
import type { Rules } from './rules.js';
import { complaintsAbout, hearService, judgeService, newService, type Service } from './service.js';
import { interrupt, passTime, see, type Watch } from './watch.js';

/** Everything that the monitor knows. */
export interface MonitorState {
  readonly rules: Rules;
  readonly watch: Watch;
  /** By name. */
  readonly services: readonly Service[];
  /** What an operator has taken out of service, one a service. */
  readonly maintenance: readonly Maintenance[];
}

/** Something that happened, applied at the moment when it came. */
export type Input = (state: MonitorState, now: Moment) => MonitorState;

/** Time has passed. */
export const tick: Input = (state, now) => judge(state, after(state, now), now);

/** A process has beaten, or said goodbye. */
export const hear =
  (beat: Heartbeat): Input =>
  (state, now) => {
    const watch = after(state, now);
    const known = state.services.find(({ name }) => name === beat.service);
    const service = known ?? newService(beat.service, false, newAbsence(watch, state.rules.intervalMs), now);
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

/** An operator takes a service out of service; again: with another reason and end, from when it was. */
export const takeOut =
  (maintenance: Maintenance): Input =>
  (state, now) => {
    const known = state.maintenance.find(({ service }) => service === maintenance.service);
    const others = state.maintenance.filter((one) => one !== known);
    const next = [...others, { ...maintenance, since: known?.since ?? maintenance.since }];
    return judge({ ...state, maintenance: next }, after(state, now), now);
  };

/** An operator takes a service back before its time. */
export const takeBack =
  (name: string): Input =>
  (state, now) => {
    const maintenance = state.maintenance.filter(({ service }) => service !== name);
    return judge({ ...state, maintenance }, after(state, now), now);
  };

const after = ({ watch, rules }: MonitorState, now: Moment): Watch => passTime(watch, rules.intervalMs, now);

function judge(state: MonitorState, watch: Watch, now: Moment): MonitorState {
  const { rules } = state;
  const maintenance = state.maintenance.filter((one) => !isOver(one, now.wall));
  const maintained = new Set(maintenance.map(({ service }) => service));
  const services = state.services
    .map((service) => {
      const heard = { ...service, complaints: complaintsAbout(service.name, state.services) };
      return judgeService(heard, { rules, watch, inMaintenance: maintained.has(service.name) }, now);
    })
    .filter(
      ({ name, expected, remembered, instances }) =>
        expected || remembered || instances.length > 0 || maintained.has(name),
    );
  return { ...state, watch, services, maintenance };
}
