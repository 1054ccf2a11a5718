import { newAbsence } from './absence.js';
import { isOver } from './maintenance.js';
import type { Memory, Recall, RememberedService } from './memory.js';
import type { Moment } from './moment.js';
import type { MonitorState } from './monitor.js';
import type { Rules } from './rules.js';
import { newService, type Service } from './service.js';
import type { Transition } from './transition.js';
import { beginWatch } from './watch.js';

/** A service that is not expected and was silent this long, while the monitor watched, is not remembered any more. */
const REMEMBERED_MS = 7 * 24 * 60 * 60 * 1_000; // 7 days

export interface Beginning {
  readonly state: MonitorState;
  /** What became of the services that the run before knew: nobody watched them from its end on. */
  readonly transitions: readonly Transition[];
}

/** A run of the monitor begins, with what the one before it left. */
export function begin(rules: Rules, { memory, maintenance: kept }: Recall, now: Moment): Beginning {
  const watch = beginWatch(now);
  const maintenance = kept.filter((one) => !isOver(one, now.wall));
  const offSince = Math.min(memory?.aliveAt ?? now.wall, now.wall);
  const remembered = new Map(memory?.services.map((service) => [service.name, service]));
  const listed = new Set([
    ...rules.expected,
    ...maintenance.map(({ service }) => service),
    ...[...remembered.values()].filter((service) => isMissed(service, memory)).map(({ name }) => name),
  ]);

  const recall = (name: string): Service => {
    const known = remembered.get(name);
    const expected = rules.expected.includes(name);
    const intervalMs = Math.max(rules.intervalMs, known?.intervalMs ?? 0);
    const own = maintenance.find(({ service }) => service === name);
    const status = own ? 'MAINTENANCE' : 'UNKNOWN';
    return {
      ...newService(name, expected, newAbsence(watch, intervalMs), now),
      remembered: known?.missed ?? false,
      lastBeatAt: known?.lastBeatAt,
      status,
      since: sinceOf(status, known, { offSince, fallback: own?.since ?? now.wall }),
    };
  };
  const services = [...listed].sort().map(recall);
  const states = new Map(services.map((service) => [service.name, service]));
  const transitions = [...remembered.values()].flatMap(({ name, status: from }): Transition[] => {
    const { status: to, since: at } = states.get(name) ?? { status: 'UNKNOWN' as const, since: offSince };
    return from === to ? [] : [{ service: name, from, to, at, reason: 'the monitor was off' }];
  });
  return { state: { rules, watch, services, maintenance }, transitions };
}

const isMissed = ({ missed, lastBeatAt }: RememberedService, memory: Memory | undefined): boolean =>
  missed && lastBeatAt !== undefined && memory !== undefined && memory.aliveAt - lastBeatAt < REMEMBERED_MS;

/** A status that holds on keeps its beginning; any other began when nobody watched any more. */
function sinceOf(
  status: Service['status'],
  known: RememberedService | undefined,
  { offSince, fallback }: { readonly offSince: number; readonly fallback: number },
): number {
  if (!known) return fallback;
  return known.status === status ? known.since : offSince;
}
