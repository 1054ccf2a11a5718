import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../failure.mjs';
import { ROOT } from '../../root.mjs';
import { createPace } from '../replay/pace.mjs';
import { readOpenings } from '../replay/read-openings.mjs';
import { sendReadings } from '../replay/send-readings.mjs';
import { watchAlarms } from './alarm-watch.mjs';

export const OPENINGS = join('examples', 'openings.csv');
const ZONE = 'Europe/Madrid';
const DAY_MS = 86_400_000;
/** A day in some nine seconds. */
const SPEED = 10_000;

const COUNT = `query ($userId: ID!) { alarms(filter: { userId: $userId }) { totalCount } }`;
const ACKNOWLEDGE = `mutation ($id: ID!, $note: String) {
  acknowledgeAlarm(input: { id: $id, note: $note }) { alarm { acknowledgedBy } }
}`;

/** @typedef {import('../client/http-client.mjs').Answer<{ alarms: { totalCount: number } | null }>} Counted */
/** @typedef {import('../client/http-client.mjs').Answer<{ acknowledgeAlarm: { alarm: { acknowledgedBy: string } } }>} Acknowledged */

/**
 * The first day of the sample readings, told as it goes: alarms arrive live, and one is acknowledged.
 *
 * @param {import('../client/http-client.mjs').HttpClient} client
 * @param {import('graphql-ws').Client} socket
 * @param {string} userId whose rules are there
 * @param {object} teller
 * @param {(text: string) => void} teller.tell
 * @param {<T>(what: string, work: Promise<T>) => Promise<T>} teller.inTime
 * @param {AbortSignal} teller.signal
 * @throws {Failure} where it does not come to what it should
 */
export async function playADay(client, socket, userId, { tell, inTime, signal }) {
  const all = readOpenings(await readFile(join(ROOT, OPENINGS)), ZONE);
  const until = Date.parse(all[0]?.at ?? '') + DAY_MS;
  const readings = all.filter(({ at }) => Date.parse(at) < until);
  const alarms = watchAlarms(socket, userId, ({ kind, alarm }) =>
    tell(`  ${kind.padEnd(12)} ${alarm.severity.padEnd(8)} ${alarm.rule.name}: ${alarm.reason}`),
  );
  tell(
    `A day of ${OPENINGS} is replayed, ${readings.length} readings at ${SPEED} times their speed; each alarm arrives when it is raised:`,
  );
  const { refused, token } = await sendReadings(client, readings, {
    userId,
    batch: 100,
    pace: createPace(SPEED),
    signal,
  });
  if (refused.length > 0) throw new Failure(`${refused.length} readings were refused.`);
  /** @type {Counted} */
  const { data } = await client.ask(COUNT, { userId }, token);
  const count = data?.alarms?.totalCount ?? 0;
  if (count === 0) throw new Failure('No alarm was raised.');
  await inTime(`${count} alarms, live`, alarms.until('RAISED', count));

  const [first] = alarms.changes;
  /** @type {Acknowledged} */
  const { data: done, errors } = await client.ask(ACKNOWLEDGE, {
    id: first?.alarm.id,
    note: 'It was the cleaner.',
  });
  if (!done) throw new Failure(`The alarm cannot be acknowledged: ${errors?.[0]?.message ?? ''}`);
  await inTime('The acknowledgement, live', alarms.until('ACKNOWLEDGED', 1));
  tell(
    `${count} alarms were raised; the first is acknowledged by ${done.acknowledgeAlarm.alarm.acknowledgedBy}.`,
  );
  alarms.end();
}
