import type { AlarmState, AlarmStatus } from '@seguridad-abc/contracts';
import { assertListed, visibleAmong } from './access.js';
import type { AlarmReader } from './alarm-reader.js';
import type { Arrivals } from './arrivals.js';
import type { Asking } from './asking.js';
import { batched } from './batched.js';
import { createConnection, EMPTY_CONNECTION, type Connection } from './connection.js';
import { ALARM_CURSOR } from './cursor.js';
import { readAlarmFilter, type AlarmFilterArg } from './filter.js';
import { createLists } from './list-loader.js';
import { readPage, type PageArgs } from './page.js';
import { readOrWait } from './read-or-wait.js';

export interface AlarmsArgs extends PageArgs {
  readonly filter?: AlarmFilterArg | null | undefined;
}

/** Lists are in the order of `raisedAt`, newest first. */
export interface AlarmQueries {
  alarm(id: string): Promise<AlarmState | null>;
  /** @throws ExpectedError BAD_USER_INPUT; FORBIDDEN where the filter names another user */
  alarms(args: AlarmsArgs): Connection<AlarmState>;
  /** Likewise. */
  alarmsOf(userId: string, args: AlarmsArgs): Connection<AlarmState>;
  /** @param status null: of those that stand */
  alarmCount(ruleId: string, status: readonly AlarmStatus[] | null): Promise<number>;
  /** Of those that stand. */
  lastAlarm(ruleId: string): Promise<AlarmState | null>;
  /** An alarm that another subgraph speaks of. One that is not here yet is waited for; null in the end. */
  alarmEntity(id: string): Promise<AlarmState | null>;
}

/** A retracted alarm is left out unless it is asked for. */
const STANDING: readonly AlarmStatus[] = ['ACTIVE', 'CLEARED'];

export function createAlarmQueries(
  reader: AlarmReader,
  arrivals: Arrivals,
  { caller, waitMs }: Asking,
): AlarmQueries {
  const read = async (ids: readonly string[]) => visibleAmong(caller, await reader.byIds(ids));
  const alarms = batched(read);
  const entities = batched((ids) => readOrWait(ids, read, arrivals, waitMs));
  const lists = createLists(reader);
  const connection = ({ filter, ...page }: AlarmsArgs) => {
    const { faults, ...list } = readAlarmFilter(filter ?? {});
    return createConnection(lists, list, readPage(page, ALARM_CURSOR, faults), ALARM_CURSOR);
  };

  return {
    alarm: (id) => alarms.load(id),
    alarms: (args) =>
      connection({ ...args, filter: { ...args.filter, userId: assertListed(caller, args.filter?.userId) } }),
    alarmsOf(userId, args) {
      assertListed(caller, args.filter?.userId);
      const own = connection({ ...args, filter: { ...args.filter, userId } });
      return (args.filter?.userId ?? userId) === userId ? own : EMPTY_CONNECTION;
    },
    alarmCount: (ruleId, status) =>
      lists.count({ of: { ruleId }, filter: { status: [...new Set(status ?? STANDING)].sort() } }),
    async lastAlarm(ruleId) {
      const list = { of: { ruleId }, filter: { status: STANDING } };
      const [last] = await lists.stretch(list, { order: 'newest first', limit: 1 });
      return last?.node ?? null;
    },
    alarmEntity: (id) => entities.load(id),
  };
}
