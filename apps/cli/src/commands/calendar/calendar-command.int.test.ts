import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CalendarDate } from '@seguridad-abc/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runGatewayCommand } from '../../testing/run-gateway-command.js';
import { startTestGateway, type TestGateway, type TestGatewayRequest } from '../../testing/test-gateway.js';

interface StoredCalendar {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly dates: readonly CalendarDate[];
}

interface CalendarVariables {
  readonly userId?: string;
  readonly input?: {
    readonly id?: string;
    readonly userId?: string;
    readonly name?: string;
    readonly expectedVersion?: number;
    readonly dates?: readonly CalendarDate[];
    readonly holidays?: { readonly country: string; readonly years: readonly number[] };
  };
}

const NEW_YEAR: CalendarDate = { date: '2027-01-01', label: 'New Year', windows: [] };
const HOLIDAYS: StoredCalendar = { id: 'c1', name: 'Holidays', version: 3, dates: [NEW_YEAR] };
const FILE = [
  'BEGIN:VCALENDAR',
  ...['BEGIN:VEVENT', 'DTSTART;VALUE=DATE:20270101', 'SUMMARY:A\u00f1o Nuevo', 'END:VEVENT'],
  ...['BEGIN:VEVENT', 'DTSTART;VALUE=DATE:20271225', 'SUMMARY:Navidad', 'END:VEVENT'],
  ...['BEGIN:VEVENT', 'DTSTART;VALUE=DATE:20271231', 'STATUS:CANCELLED', 'END:VEVENT'],
  'END:VCALENDAR',
].join('\r\n');
const PERIOD = ['--from', '2027-01-01', '--until', '2027-12-31'];

let folder = '';
let gateway: TestGateway | undefined;
/** The calendars of ana, by id. */
let stored: Map<string, StoredCalendar>;
/** Operations that were sent, with their input. */
let sent: [operation: string, input: CalendarVariables['input']][];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'calendar-'));
  writeFileSync(join(folder, 'holidays.ics'), FILE);
  stored = new Map([[HOLIDAYS.id, HOLIDAYS]]);
  sent = [];
});
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
  rmSync(folder, { recursive: true });
});

/** Answers as the API does. */
function respond({ query, variables }: TestGatewayRequest<CalendarVariables>): object {
  const [, operation = ''] = /(?:query|mutation) (\w+)/.exec(query) ?? [];
  const { userId, input = {} } = variables;
  if (query.startsWith('mutation')) sent.push([operation, variables.input]);
  const save = (calendar: StoredCalendar) => {
    stored.set(calendar.id, calendar);
    return { calendar };
  };
  const reject = (code: string, message: string, details = {}) => ({
    data: null,
    errors: [{ message, extensions: { code, ...details } }],
  });
  switch (operation) {
    case 'CheckAccess':
      return { data: { __typename: 'Query' } };
    case 'CreateCalendar': {
      const christmas = { date: '2027-12-25', label: 'Christmas', windows: [] };
      const dates = input.holidays ? [christmas] : (input.dates ?? []);
      return { data: { createCalendar: save({ id: 'c2', name: input.name ?? '', version: 1, dates }) } };
    }
    case 'UpdateCalendar': {
      const present = stored.get(input.id ?? '') ?? HOLIDAYS;
      if (input.expectedVersion !== present.version) return reject('STALE_VERSION', 'It was changed.');
      const { dates = present.dates } = input;
      return { data: { updateCalendar: save({ ...present, version: present.version + 1, dates }) } };
    }
    case 'DeleteCalendar':
      return reject('CONFLICT', 'Rules name this calendar.', { ruleIds: ['r1', 'r2'] });
    default:
      return { data: { user: userId === 'ana' ? { calendars: [...stored.values()] } : null } };
  }
}

async function run(...args: string[]) {
  gateway ??= await startTestGateway(respond);
  return runGatewayCommand(gateway.port, ['calendar', ...args], folder);
}

test('import adds the dates of a file, keeps those that exist, and says what it skipped', async () => {
  const { code, output, warnings } = await run(
    ...['import', 'holidays.ics', '--user', 'ana', '--name', ' Holidays', ...PERIOD],
  );
  expect({ code, output }).toEqual({
    code: 0,
    output: 'The calendar "Holidays" of ana (c1) has 2 dates: 1 added, 0 replaced, 1 kept.',
  });
  expect(warnings).toEqual(['1 event: skipped: cancelled.']);
  const navidad = { date: '2027-12-25', label: 'Navidad', windows: [] };
  expect(sent).toMatchObject([
    ['UpdateCalendar', { id: 'c1', expectedVersion: 3, dates: [NEW_YEAR, navidad] }],
  ]);
  expect(sent[0]?.[1]).not.toHaveProperty('name');

  sent = [];
  const second = await run('import', 'holidays.ics', '--user', 'ana', '--calendar', 'c1', ...PERIOD);
  expect(second.output).toBe('0 added, 0 replaced, 2 kept. Nothing is changed.');
  expect(sent).toEqual([]);
});

test('import --replace replaces dates, with windows', async () => {
  const args = ['--replace', '--windows', '10:00-14:00 open by 10:30'];
  const { output } = await run(
    'import',
    'holidays.ics',
    '--user',
    'ana',
    '--name',
    'Holidays',
    ...PERIOD,
    ...args,
  );
  expect(output).toContain('has 2 dates: 1 added, 1 replaced, 0 kept.');
  const windows = [{ opensAt: '10:00', closesAt: '14:00', openBy: '10:30' }];
  expect(stored.get('c1')?.dates).toEqual([
    { date: '2027-01-01', label: 'A\u00f1o Nuevo', windows },
    { date: '2027-12-25', label: 'Navidad', windows },
  ]);
});

test('import creates a calendar that does not exist', async () => {
  const { output } = await run('import', 'holidays.ics', '--user', 'bea', '--name', 'Fiestas', ...PERIOD);
  expect(output).toBe('The calendar "Fiestas" of bea (c2) has 2 dates: 2 added, 0 replaced, 0 kept.');
  expect(sent).toMatchObject([['CreateCalendar', { userId: 'bea', name: 'Fiestas' }]]);
});

test('import --dry-run shows the changes and makes none', async () => {
  const { output } = await run(
    'import',
    'holidays.ics',
    '--user',
    'ana',
    '--name',
    'Holidays',
    '--dry-run',
    ...PERIOD,
  );
  expect(output.split('\n')).toEqual([
    'change  date        hours   label',
    'kept    2027-01-01  closed  New Year',
    'added   2027-12-25  closed  Navidad',
    '1 added, 0 replaced, 1 kept. Nothing is changed (--dry-run).',
  ]);
  expect(sent).toEqual([]);
});

test('a file without events changes nothing, and says why', async () => {
  const empty = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//a//b//EN', 'END:VCALENDAR', ''];
  writeFileSync(join(folder, 'empty.ics'), empty.join('\r\n'));
  expect(await run('import', 'empty.ics', '--user', 'ana', '--name', 'Holidays')).toEqual({
    code: 0,
    output: '0 added, 0 replaced, 0 kept. Nothing is changed.',
    warnings: ['The file has no events.'],
  });
  expect(sent).toEqual([]);
});

test('holidays adds those of a country', async () => {
  const { output } = await run(
    ...['holidays', '--country', 'co', '--years', '2026,2027', '--user', 'ana', '--name', 'Colombia'],
  );
  expect(output).toBe('The calendar "Colombia" of ana (c2) has 1 date: 1 added.');
  expect(sent).toMatchObject([
    ['CreateCalendar', { dates: [], holidays: { country: 'CO', years: [2026, 2027] } }],
  ]);
});

test('list and show print calendars', async () => {
  expect(await run('list', '--user', 'ana')).toMatchObject({
    code: 0,
    output: ['id  name      dates  from        until', 'c1  Holidays      1  2027-01-01  2027-01-01'].join(
      '\n',
    ),
  });
  expect(await run('list', '--user', 'bea')).toMatchObject({ code: 0, output: 'bea has no calendar.' });
  expect((await run('show', '--user', 'ana', '--name', 'Holidays')).output.split('\n')).toEqual([
    'The calendar "Holidays" of ana (c1) has 1 date.',
    'date        hours   label',
    '2027-01-01  closed  New Year',
  ]);
  expect(await run('show', '--user', 'ana', '--name', 'Easter')).toMatchObject({
    code: 3,
    warnings: ['ana has no calendar "Easter".'],
  });
  await expect(run('show', '--user', 'ana', '--calendar', 'c9')).rejects.toThrow(
    'ana has no calendar with the id c9: npm run calendar -- list --user ana shows the ids.',
  );
});

test('a calendar in use is not deleted, and the rules are named', async () => {
  await expect(run('delete', '--user', 'ana', '--name', 'Holidays')).rejects.toThrow(
    'The calendar "Holidays" cannot be deleted, because rules name it. Change or delete them first: r1, r2.',
  );
  expect(sent).toMatchObject([['DeleteCalendar', { id: 'c1', expectedVersion: 3 }]]);
});

test.each([
  [['import', '--name', 'a'], 'calendar import needs a file.'],
  [['import', 'holidays.ics'], 'calendar import needs --name or --calendar, and not both.'],
  [['show', '--name', 'a', '--calendar', 'b'], 'calendar show needs --name or --calendar, and not both.'],
  [['list', '--name', 'a'], '--name does not apply to calendar list.'],
  [['list', 'holidays.ics'], 'A file does not apply to calendar list.'],
  [['holidays', '--name', 'a', '--years', '2027'], 'calendar holidays needs --country and --years.'],
  [
    ['holidays', '--name', 'a', '--years', '27', '--country', 'CO'],
    '--years must be years separated by commas',
  ],
  [['holidays', '--name', 'a', '--dry-run'], '--dry-run does not apply to calendar holidays.'],
  [
    ['import', 'holidays.ics', '--name', 'a', '--closed', '--windows', '10:00-14:00'],
    '--closed and --windows exclude each other.',
  ],
  [
    ['import', 'holidays.ics', '--name', 'a', '--windows', 'MON 10:00-14:00'],
    '--windows is wrong: "MON 10:00-14:00" must not name days',
  ],
  [['import', 'holidays.ics', '--name', 'a', '--windows', ''], '--windows must not be empty'],
  [
    ['import', 'holidays.ics', '--name', 'a', '--from', '2027-02-30'],
    '--from must be a date like 2027-12-31',
  ],
  [['import', 'holidays.ics', '--name', 'a', '--zone', 'Mars'], '--zone must be a time zone'],
  [
    ['import', 'holidays.ics', '--name', 'a', '--from', '2027-01-02', '--until', '2027-01-01'],
    '--until must not be before --from, nor more than 1830 days after it',
  ],
  [['import', 'nothing.ics', '--name', 'a'], 'nothing.ics does not exist'],
])('%j is wrong usage, and nothing is sent', async (args, message) => {
  await expect(run(...args)).rejects.toMatchObject({
    name: 'UsageError',
    message: expect.stringContaining(message) as unknown,
  });
  expect(sent).toEqual([]);
});
