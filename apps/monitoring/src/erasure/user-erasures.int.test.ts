import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditQuerySchema } from '@seguridad-abc/contracts';
import { createAuditVerifier } from '@seguridad-abc/platform';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acceptErasure } from '../testing/accept-erasure.js';
import { createRuleInput, OPERATOR } from '../testing/fixtures.js';
import { openTestStorage, usesPostgres, type TestStorage } from '../testing/test-storage.js';
import { exportUserData } from './user-data-export.js';

const USER = 'ana-lopez-77';
const OTHER = 'bob-smith-88';
/** The address of the user's device. */
const ADDRESS = '192.0.2.77';
const START = Date.parse('2026-01-31T08:00:00Z');

let test: TestStorage;
beforeEach(async () => void (test = await openTestStorage()));
afterEach(async () => {
  await test.storage.erasures.stop();
  await test.close();
});

const relayedLog = { waitUntilRelayed: () => Promise.resolve(true), rewrite: () => Promise.resolve() };

const createReadings = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `reading-of-ana-${index}`,
    opening: 'Secret door',
    state: index % 2 === 0 ? ('OPEN' as const) : ('CLOSED' as const),
    at: new Date(START + index * 120_000).toISOString(),
  }));

const SECRET_DATE = { date: '2027-01-01', label: 'Secret name of a day', windows: [] };
const EXCEPTION = {
  openings: ['Secret door'],
  effect: 'SUSPEND' as const,
  from: '2020-01-01T00:00:00Z',
  reason: 'Secret name of a reason',
};

/** Gives a user a calendar with two versions, an exception, a rule, openings, readings, alarms, an acknowledgement, a comment, a resolution and a refused command. */
async function createUserData(userId: string) {
  const commands = test.commandsOf({ id: userId, role: 'customer' });
  const calendar = await commands.createCalendar({ name: 'Secret name', dates: [SECRET_DATE] });
  await commands.updateCalendar({
    id: calendar.id,
    dates: [SECRET_DATE, { ...SECRET_DATE, date: '2027-01-02' }],
  });
  await commands.createException({ ...EXCEPTION, until: new Date(Date.now() + 60_000).toISOString() });
  const input = { userId, opening: 'Secret door', maxOpenSeconds: 60, calendarId: calendar.id };
  const effectiveFrom = new Date(START - 60_000).toISOString();
  // An operator is not bound by the quota of late readings.
  const rule = await test.commands.createRule({
    ...createRuleInput({ ...input, name: 'Secret name', effectiveFrom }),
    clientMutationId: `rule of ${userId}`,
  });
  await test.commands.recordReadings({ userId, readings: createReadings(11) });
  const alarm = await findAlarm(userId);
  await commands.acknowledgeAlarm({ id: alarm, note: 'Secret note', clientMutationId: 'ack' });
  await commands.commentAlarm({
    id: alarm,
    text: `Secret comment of ${userId}`,
    clientMutationId: 'comment',
  });
  const note = `Secret resolution of ${userId}`;
  await test.commands.resolveAlarm({
    id: alarm,
    code: 'OTHER',
    note,
    clientMutationId: `alarm of ${userId}`,
  });
  await commands.updateRule({ id: rule.id, name: 'Secret name 2' });
  await commands.deleteRule({ id: rule.id });
  await commands.createRule({
    ...createRuleInput({ ...input, name: 'Secret name 3' }),
    clientMutationId: 'own',
  });
  await commands.deleteRule({ id: 'unknown' }).catch(() => undefined);
  await useDevice(userId);
  await test.storage.appendAuditEntries([]);
  return { rule, alarm };
}

/** Registers a device of a user. It sends a reading, and a command that is refused. */
async function useDevice(userId: string) {
  const { device } = await test.commands.registerDevice({
    userId,
    name: `Sensor of ${userId}`,
    openings: null,
  });
  const address = userId === USER ? ADDRESS : '198.51.100.2';
  const commands = test.commandsOf({ id: userId, role: 'device', device: device.id, address });
  const at = new Date().toISOString();
  await commands.recordReadings({
    readings: [{ id: 'r of device', opening: 'Secret door', state: 'CLOSED', at }],
  });
  await expect(commands.deleteRule({ id: 'unknown' })).rejects.toThrow();
  return device.id;
}

async function findAlarm(userId: string): Promise<string> {
  const { entries } = await test.eventLog.read(0, 1_000);
  const alarms = entries.map(({ data }) => (data as { alarm?: { id: string; userId: string } }).alarm);
  return alarms.find((alarm) => alarm?.userId === userId)?.id ?? '';
}

const readTrail = async () =>
  (await test.storage.auditTrail.readPage(auditQuerySchema.parse({ order: 'ascending', limit: 1_000 })))
    .entries;

const WAIT_MS = 20_000;

/** The content of all files of the database; of PostgreSQL, whose files hold old rows for some time, that of all tables. */
async function readStored(): Promise<string> {
  if (!usesPostgres)
    return readdirSync(test.folder)
      .map((name) => readFileSync(join(test.folder, name), 'latin1'))
      .join('\n');
  const texts: string[] = [];
  for (const table of Object.values(test.tables))
    texts.push(JSON.stringify(await test.query(sql`select * from ${table}`)));
  return texts.join('\n');
}

const exportAll = async (userId: string) => {
  const records = [];
  for await (const record of exportUserData(test.reader, test.storage.auditTrail, userId))
    records.push(record);
  return records;
};

const listRecords = async (userId: string, kind: string) =>
  (await exportAll(userId)).filter((record) => record.kind === kind);

describe('the erasure of a user', () => {
  it('removes the data from every table and from the files, and keeps the log and the trail whole', async () => {
    const { alarm } = await createUserData(USER);
    await createUserData(OTHER);
    const before = await exportAll(OTHER);
    const { entries: eventsBefore } = await test.eventLog.read(0, 1_000);
    const [device] = await listRecords(USER, 'device');
    const deviceId = String(device?.['id']);
    for (const text of [USER, ADDRESS, deviceId, `Secret comment of ${USER}`, `Secret resolution of ${USER}`])
      expect(await readStored()).toContain(text);

    test.storage.erasures.start(relayedLog);
    const { pseudonym, waitUntilComplete } = await acceptErasure(test, USER);
    expect(await waitUntilComplete(WAIT_MS)).toBe(true);

    expect(await exportAll(USER)).toEqual([]);
    expect(await test.reader.select().from(test.tables.calendarVersions)).toHaveLength(2);
    expect(await test.storage.alarms.findByIds([alarm])).toEqual([undefined]);
    const files = await readStored();
    for (const text of [USER, ADDRESS, deviceId, `Secret comment of ${USER}`, `Secret resolution of ${USER}`])
      expect(files).not.toContain(text);
    expect(await test.storage.findDevice(deviceId)).toBeUndefined();
    expect(files).toContain(OTHER);
    // The other user's data contains the same names.
    expect(await exportAll(OTHER)).toEqual(before);

    const { entries, head } = await test.eventLog.read(0, 1_000);
    expect(entries.map(({ position }) => position)).toEqual(Array.from({ length: head }, (_, i) => i + 1));
    const others = eventsBefore.filter(({ data }) => JSON.stringify(data).includes(OTHER));
    expect(entries.filter(({ data }) => JSON.stringify(data).includes(OTHER))).toEqual(others);
    expect(entries.at(-1)).toMatchObject({ type: 'UserErased', data: { pseudonym } });

    const trail = await readTrail();
    const verifier = createAuditVerifier();
    expect(trail.flatMap((entry) => verifier.verify(entry))).toEqual([]);
    expect(trail.filter(({ subject }) => subject === null).length).toBeGreaterThan(5);
    // What the operator did for the user is still known to be the operator's.
    expect(trail.find(({ action }) => action === 'createRule')).toMatchObject({
      actor: { id: OPERATOR.id },
      subject: null,
    });
    expect(trail.slice(-2)).toMatchObject([
      { action: 'eraseUserData', actor: { id: OPERATOR.id }, subject: { userId: null, id: pseudonym } },
      { action: 'completeErasure', subject: { id: pseudonym } },
    ]);
  });

  it('ends rules, and alarms that are active or in the queue, with events first', async () => {
    await test.commands.createRule(
      createRuleInput({ userId: USER, effectiveFrom: new Date(START).toISOString(), maxOpenSeconds: 60 }),
    );
    const at = new Date(START).toISOString();
    await test.commands.recordReadings({
      userId: USER,
      readings: [
        { id: 'r', opening: 'Shop', state: 'OPEN', at },
        { id: 's', opening: 'Shop', state: 'CLOSED', at: new Date(START + 120_000).toISOString() },
        { id: 't', opening: 'Shop', state: 'OPEN', at: new Date(START + 180_000).toISOString() },
      ],
    });
    await test.createRules(2);
    const seen: string[] = [];
    test.storage.erasures.start({
      ...relayedLog,
      async waitUntilRelayed() {
        const { entries } = await test.eventLog.read(0, 1_000);
        seen.push(...entries.map(({ type }) => type));
        return true;
      },
    });
    const { waitUntilComplete } = await acceptErasure(test, USER);
    await waitUntilComplete(WAIT_MS);
    expect(seen).toContain('RuleDeleted');
    expect(seen.filter((type) => type === 'AlarmRetracted')).toHaveLength(2);
    expect(seen).toContain('UserErased');
  });

  it('continues after a restart, and treats later commands as those of a new user', async () => {
    await createUserData(USER);
    test.storage.erasures.start({
      ...relayedLog,
      waitUntilRelayed: () => Promise.reject(new Error('Redis is away.')),
    });
    const { waitUntilComplete } = await acceptErasure(test, USER);
    const completion = waitUntilComplete(WAIT_MS);
    const isFenced = async () => (await test.eventLog.read(0, 1_000)).entries.at(-1)?.type === 'UserErased';
    await expect.poll(isFenced).toBe(true);
    // The first part is done. Now the user comes back.
    const own = await test
      .commandsOf({ id: USER, role: 'customer' })
      .createRule(createRuleInput({ userId: USER, name: 'New life', opening: 'Secret door' }));
    await test.storage.erasures.stop();
    expect(await completion).toBe(false);

    await test.reopen();
    test.storage.erasures.start(relayedLog);
    await expect
      .poll(async () => (await readTrail()).at(-1)?.action, { timeout: 10_000 })
      .toBe('completeErasure');
    expect(await readStored()).not.toContain('Secret name');
    const exported = await exportAll(USER);
    expect(exported).toMatchObject([
      { kind: 'rule', id: own.id },
      { kind: 'opening', name: 'Secret door' },
      { kind: 'auditEntry', action: 'createRule' },
    ]);
    const { entries } = await test.eventLog.read(0, 1_000);
    expect(entries.filter(({ type }) => type === 'RuleCreated')).toHaveLength(1);
  });
});

describe('exportUserData', () => {
  it('returns everything that is stored of a user', async () => {
    const { alarm } = await createUserData(USER);
    const trail = await readTrail();
    const records = await exportAll(USER);
    const count = (kind: string) => records.filter((record) => record.kind === kind).length;
    expect(count('rule')).toBe(2);
    expect(records).toContainEqual(
      expect.objectContaining({ kind: 'calendar', name: 'Secret name', userId: USER, version: 2 }),
    );
    expect(records).toContainEqual(
      expect.objectContaining({ kind: 'exception', reason: EXCEPTION.reason, userId: USER }),
    );
    expect(records).toContainEqual(
      expect.objectContaining({ kind: 'device', name: `Sensor of ${USER}`, userId: USER }),
    );
    expect(count('opening')).toBe(1);
    expect(count('reading')).toBe(12);
    expect(count('interval')).toBe(6);
    expect(count('alarm')).toBeGreaterThan(4);
    const { alarm: other } = await createUserData(OTHER);
    await test
      .commandsOf({ id: USER, role: 'operator' })
      .commentAlarm({ id: other, text: 'Of another user.' });
    expect(await listRecords(USER, 'alarmComment')).toMatchObject([
      { alarmId: alarm, by: USER, text: `Secret comment of ${USER}` },
    ]);
    expect(count('auditEntry')).toBe(trail.length);
  });
});
