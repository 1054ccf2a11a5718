import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { openDatabaseFile } from '@seguridad-abc/platform';
import { eventually } from '@seguridad-abc/platform/testing';
import { parse } from 'csv-parse/sync';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { executeOperation } from '../harness/graphql-clients.js';
import { HEARTBEAT_INTERVAL_MS, startTestPlatform, type TestPlatform } from '../harness/test-platform.js';
import {
  getInstallationEnv,
  runCommand,
  startCommand,
  startProgram,
  stopScripts,
} from '../harness/script-process.js';

let platform: TestPlatform;
let env: Record<string, string>;
beforeAll(async () => {
  platform = await startTestPlatform();
  env = getInstallationEnv(platform);
});
afterEach(stopScripts);
afterAll(() => platform.close());

const readStatuses = async () => {
  const { data } = await executeOperation<{ services: { name: string; status: string }[] }>(
    platform.url,
    '{ services { name status } }',
  );
  return Object.fromEntries((data?.services ?? []).map(({ name, status }) => [name, status]));
};
const waitUntilAllUp = () =>
  eventually(async () => expect(new Set(Object.values(await readStatuses()))).toStrictEqual(new Set(['UP'])));
const countRules = async (userId: string) => {
  const { data } = await executeOperation<{ rules: { totalCount: number } }>(
    platform.url,
    'query ($userId: ID) { rules(filter: { userId: $userId }) { totalCount } }',
    { userId },
  );
  return data?.rules.totalCount;
};

const HEADER = 'name,opening,opensAt,closesAt,days,maxOpenSeconds,timeZone';
const importRules = (csv: string, ...args: string[]) =>
  runCommand('import', ['-', ...args], { env, input: csv });

describe('rebuild', () => {
  it('builds the read model again while reports runs, and says from how many entries', async () => {
    await importRules(`${HEADER}\nRebuilt,Door,08:00,18:00,,30,Europe/Madrid`, '--user', 'rebuilt');
    await eventually(async () => expect(await countRules('rebuilt')).toBe(1));
    expect(await runCommand('rebuild', [], { env })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^The read model was built again from [1-9]\d* log entries in \d+\.\d s\.\n$/,
      ) as string,
    });
    expect(await countRules('rebuilt')).toBe(1);
  });
});

describe('import', () => {
  it('creates the rules of a file; a second run changes nothing', async () => {
    const first = await runCommand('import', ['examples/rules.csv', '--user', 'twice'], { env });
    expect(first).toMatchObject({ code: 0, stdout: '7 created, 0 already there, 0 refused.\n' });
    const second = await runCommand('import', ['examples/rules.csv', '--user', 'twice'], { env });
    expect(second).toMatchObject({ code: 0, stdout: '0 created, 7 already there, 0 refused.\n' });
    await eventually(async () => expect(await countRules('twice')).toBe(7));
  });

  it('reports every fault with its line and column, in the order of the file', async () => {
    const csv = [
      `\uFEFF${HEADER},severity`,
      '"Fine, ""really""",Door,08:00,18:00,MONDAY|FRIDAY,20,Europe/Madrid,INFO',
      '',
      ',Door,25:00,18:00,FUNDAY,0,Mars/Olympus,LOW',
      'No limits,Door,,,,,,',
      '"Fine, ""really""",Door,08:00,18:00,,30,Europe/Madrid,INFO',
      'Short,Door',
      'Fine too,Door,08:00:00,18:00,,,,',
      'Fine too,Door,08:00,18:00,,,,WARNING',
    ].join('\r\n');
    const { code, stdout } = await importRules(csv, '--user', 'faulty');
    expect(stdout.split('\n')).toStrictEqual([
      'line 4, days: The value must be days like MONDAY|TUESDAY, or empty for no day ("FUNDAY" is not a day).',
      'line 4, severity: The value must be one of INFO, WARNING, CRITICAL (it is "LOW").',
      'line 4, name: name must not be empty.',
      'line 4, opensAt: opensAt must be a time like 08:00 or 08:00:30.',
      'line 4, timeZone: timeZone must be an IANA time zone name, such as America/Bogota.',
      'line 4, maxOpenSeconds: maxOpenSeconds must be from 1 to 604800.',
      'line 5: A rule needs hours (windows, or opensAt and closesAt), maxOpenSeconds, silentAfterSeconds, onTamper or onBatteryLow.',
      'line 6, days: The rule exists with another value: MONDAY|FRIDAY exists, no day is in the file.',
      'line 6, maxOpenSeconds: The rule exists with another value: 20 exists, 30 is in the file.',
      'line 7: The row has 2 cells, but there are 8 columns.',
      '2 created, 1 already there, 4 refused.',
      '',
    ]);
    expect(code).toBe(1);
    await eventually(async () => expect(await countRules('faulty')).toBe(2));
  });

  it('imports an empty cell of days as no day, and a missing column as all seven', async () => {
    await importRules(`${HEADER}\nnever,Door,08:00,18:00,,,`, '--user', 'days');
    await importRules(`${HEADER.replace('days,', '')}\nalways,Door,08:00,18:00,,`, '--user', 'days');
    await eventually(async () => {
      const query = '{ rules(filter: { userId: "days" }) { nodes { name days } } }';
      expect((await executeOperation(platform.url, query)).data).toEqual({
        rules: {
          nodes: [
            { name: 'always', days: expect.objectContaining({ length: 7 }) as unknown },
            { name: 'never', days: [] },
          ],
        },
      });
    });
  });

  it('imports all conditions of rules and their calendar, and an export of them changes nothing', async () => {
    const runCalendar = (args: string[], input = '') =>
      runCommand('calendar', [...args, '--user', 'shop'], { env, input });
    const events = ['20270101', '20270506'].flatMap((date) => [
      ...['BEGIN:VEVENT', `DTSTART;VALUE=DATE:${date}`, 'SUMMARY:Closed', 'END:VEVENT'],
    ]);
    const file = ['BEGIN:VCALENDAR', ...events, 'END:VCALENDAR', ''].join('\r\n');
    const options = ['--name', 'Holidays', '--from', '2027-01-01', '--until', '2027-12-31'];
    expect(await runCalendar(['import', '-', ...options], file)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('has 2 dates: 2 added, 0 replaced, 0 kept.') as string,
    });
    expect(
      await runCalendar(['holidays', '--country', 'CO', '--years', '2027', '--name', 'Holidays']),
    ).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/has \d\d dates: \d\d added\.\n$/) as string,
    });

    const columns =
      'windows,calendar,graceSeconds,maxOpenSeconds,activeWindows,silentAfterSeconds,onTamper,onBatteryLow,timeZone';
    const csv = [
      `name,opening,${columns}`,
      'Shop,Door,MON-FRI 09:00-13:00; MON-FRI 16:00-20:00 open by 16:30,Holidays,60,,,,,,',
      'Night,Door,,,,120,22:00-06:00,3600,TRUE,TRUE,Europe/Madrid',
      'Safe,Safe,never,,,,,,,,',
      'Late,Door,09:00-13:00 open by 14:00,Easter,9999,,,,,,',
    ].join('\n');
    const imported = await importRules(csv, '--user', 'shop');
    expect(imported.stdout.split('\n')).toStrictEqual([
      'line 5, calendar: There is no calendar "Easter" of shop: create it with npm run calendar, or correct the name. The user has "Holidays".',
      expect.stringMatching(/^line 5, windows: "MON-SUN 09:00-13:00 open by 14:00": .*openBy/) as string,
      expect.stringMatching(/^line 5, graceSeconds: graceSeconds must be .*3600/) as string,
      '3 created, 0 already there, 1 refused.',
      '',
    ]);
    await eventually(async () => expect(await countRules('shop')).toBe(3));
    const exported = await runCommand('export', ['rules', '--user', 'shop'], { env });
    expect(await importRules(exported.stdout)).toMatchObject({
      code: 0,
      stdout: '0 created, 3 already there, 0 refused.\n',
    });
    expect(await runCalendar(['delete', '--name', 'Holidays'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^The calendar "Holidays" cannot be deleted, because rules name it\. Change or delete them first: [0-9a-f-]{36}\.\n$/,
      ) as string,
    });
  });

  it('exception allows an opening to be open until it is cancelled', async () => {
    const runException = (...args: string[]) => runCommand('exception', args, { env });
    const options = ['--user', 'shop', '--opening', 'Door', '--until', '3h', '--reason', 'stock-taking'];
    const { code, stdout } = await runException('allow', ...options);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('ALLOW') as string });
    const [, id = ''] = /^([0-9a-f-]{36}) /m.exec(stdout) ?? [];
    await eventually(async () => expect((await runException('list', '--user', 'shop')).stdout).toBe(stdout));
    expect(await runException('cancel', id)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`The exception ${id} ended at 20`) as string,
    });
    await eventually(async () =>
      expect((await runException('list', '--user', 'shop')).stdout).toBe('shop has no exception.\n'),
    );
  });

  it('sends nothing if the file as a whole cannot be used', async () => {
    const { code, stdout, stderr } = await importRules('name,colour\nx,y', '--user', 'nobody');
    expect({ code, stdout }).toStrictEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('unknown columns: "colour"; missing columns: opening');
    expect(await countRules('nobody')).toBe(0);
  });

  it('reports a wrong --effective-from once, before it reads the file', async () => {
    const { code, stdout, stderr } = await runCommand('import', ['none.csv', '--effective-from', 'soon'], {
      env,
    });
    expect({ code, stdout }).toStrictEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^--effective-from must be an RFC 3339 date-time .* \(it is "soon"\)\. See npm run import -- --help\.\n$/,
    );
  });

  it('accepts what a spreadsheet writes: a BOM, semicolons, short times, protected cells', async () => {
    const csv = [
      `\uFEFF${HEADER.replaceAll(',', ';')}`,
      "'=Day;Door;8:00;18:00:00;MONDAY|FRIDAY;300;Europe/Madrid",
      '',
    ].join('\r\n');
    const created = '1 created, 0 already there, 0 refused.\n';
    expect(await importRules(csv, '--user', 'sheet')).toMatchObject({ code: 0, stdout: created });
    await eventually(async () => expect(await countRules('sheet')).toBe(1));
    const exported = await runCommand('export', ['rules', '--user', 'sheet', '--no-bom'], { env });
    expect(exported.stdout).toContain(
      "sheet,'=Day,Door,08:00,18:00,MONDAY|FRIDAY,,,0,300,,,false,false,Europe/Madrid,",
    );
    const again = await importRules(exported.stdout);
    expect(again).toMatchObject({ code: 0, stdout: '0 created, 1 already there, 0 refused.\n' });
  });

  it('prefers userId and effectiveFrom of a row to the options', async () => {
    const csv = `${HEADER},userId,effectiveFrom\na,Door,,,,5,,theirs,2026-01-01T00:00:00Z\nb,Door,,,,5,,,`;
    const { stdout } = await importRules(
      csv,
      '--user',
      'mine',
      '--effective-from',
      '2026-02-02T00:00:00-05:00',
      '--json',
    );
    expect(JSON.parse(stdout)).toMatchObject({ created: 2, rows: [{ line: 2 }, { line: 3 }] });
    await eventually(async () => {
      const query = '{ rules(first: 2) { nodes { name user { id } effectiveFrom } } }';
      expect(
        (await executeOperation<{ rules: { nodes: object[] } }>(platform.url, query)).data?.rules.nodes,
      ).toEqual(
        expect.arrayContaining([
          { name: 'a', user: { id: 'theirs' }, effectiveFrom: '2026-01-01T00:00:00.000Z' },
          { name: 'b', user: { id: 'mine' }, effectiveFrom: '2026-02-02T05:00:00.000Z' },
        ]),
      );
    });
  });

  it('continues after an outage of monitoring', async () => {
    await platform.stop('monitoring', 'SIGKILL');
    // A server on its port closes every connection, which shows that the row was sent.
    const placeholder = createTcpServer((socket) => socket.destroy()).listen(
      Number(env['MONITORING_PORT']),
      '127.0.0.1',
    );
    await once(placeholder, 'listening');
    const sent = once(placeholder, 'connection');
    const csv = `${HEADER}\na,Door,,,,5,\n`;
    const running = startCommand('import', ['-', '--user', 'patient'], { env, input: csv });
    await sent;
    placeholder.close();
    await once(placeholder, 'close');
    await platform.start('monitoring');
    expect(await running.ended).toMatchObject({
      code: 0,
      stdout: '1 created, 0 already there, 0 refused.\n',
    });
    await waitUntilAllUp();
  });

  it('fails with exit code 2 if the gateway does not answer', async () => {
    const args = ['-', '--user', 'x', '--url', 'http://127.0.0.1:9/graphql'];
    const { code, stderr } = await runCommand('import', args, { input: `${HEADER}\na,Door,,,,5,\n` });
    expect(code).toBe(2);
    expect(stderr).toContain('does not answer');
  });
});

describe('replay', () => {
  const EFFECTIVE_FROM = ['--effective-from', '2025-01-01T00:00:00Z'];
  const replay = (user: string, ...args: string[]) =>
    runCommand('replay', ['examples/openings.csv', '--zone', 'Europe/Madrid', '--user', user, ...args], {
      env,
    });

  it('records the readings of a file once, and prints the alarms by rule and kind', async () => {
    await runCommand('import', ['examples/rules.csv', '--user', 'replayed', ...EFFECTIVE_FROM], { env });
    const first = await replay('replayed');
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toMatch(/^80 recorded, 0 already there, 0 refused\.$/m);
    const expected = readFileSync('examples/expected.csv', 'utf8').trim().split('\n').slice(1);
    const counted = [...first.stdout.matchAll(/ (\d+) +(\d+)$/gm)].flatMap(([, a, b]) => [
      Number(a),
      Number(b),
    ]);
    expect(counted.reduce((sum, n) => sum + n, 0)).toBe(expected.length);
    const second = await replay('replayed', '--batch', '7');
    expect(second.stdout).toMatch(/^0 recorded, 80 already there, 0 refused\.$/m);
    expect(second.stdout.split('\n').slice(1)).toStrictEqual(first.stdout.split('\n').slice(1));
  });

  it('explains why readings from before the rules took effect raise no alarm', async () => {
    await runCommand('import', ['examples/rules.csv', '--user', 'late'], { env });
    const { code, stdout } = await replay('late');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^80 of 80 readings raise no alarm, because the rules took effect later .* --effective-from 2025-03-28T/m,
    );
  });

  it('delays readings with --speed, and continues after an interruption', async () => {
    const { child, ended } = startCommand(
      'replay',
      ['examples/openings.csv', '--zone', 'Europe/Madrid', '--user', 'slow', '--speed', '3600'],
      { env },
    );
    const countOpenings = async () => {
      const { data } = await executeOperation<{ user: { openings: unknown[] } | null }>(
        platform.url,
        '{ user(id: "slow") { openings { name } } }',
      );
      return data?.user?.openings.length ?? 0;
    };
    await eventually(async () => expect(await countOpenings()).toBeGreaterThan(0));
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    const { stdout } = await replay('slow');
    const [, recorded, alreadyThere] = /(\d+) recorded, (\d+) already there, 0 refused/.exec(stdout) ?? [];
    expect(Number(recorded) + Number(alreadyThere)).toBe(80);
    expect(Number(alreadyThere)).toBeGreaterThan(0);
    expect(Number(recorded)).toBeGreaterThan(0);
  });

  it('records a log with a change in each row, and counts the rows that are no readings', async () => {
    const log = `Moment,Contact,Value
2025-03-28 21:25:58-05,Hatch,open
2025-03-28 21:26:10-05,Hatch,unavailable
2025-03-28 21:27:58-05,Hatch,shut
`;
    const columns = ['--time-column', 'moment', '--opening-column', 'contact', '--state-column', 'value'];
    const args = ['-', '--user', 'logged', ...columns, '--closed-values', 'shut'];
    const { code, stdout, stderr } = await runCommand('replay', args, { env, input: log });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/^2 recorded, 0 already there, 0 refused\.$/m);
    expect(stderr).toContain('Skipped rows, by their state: unavailable (1).');
    const { data } = await executeOperation<{ user: { openings: unknown[] } }>(
      platform.url,
      '{ user(id: "logged") { openings { name state since } } }',
    );
    expect(data?.user.openings).toEqual([
      { name: 'Hatch', state: 'CLOSED', since: '2025-03-29T02:27:58.000Z' },
    ]);
  });

  it.each([
    [['--zone', 'Mars/Base'], /--zone must be/],
    [['--open-values', 'on,'], /--open-values must be a list without empty parts/],
    [['--speed', '-1'], /--speed/],
    [['--batch', '1001'], /--batch/],
  ])('%j is wrong usage', async (args, message) => {
    const { code, stderr } = await replay('nobody', ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe('export', () => {
  const runExport = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCommand('export', args, { env });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return stdout;
  };

  it('writes rules that npm run import accepts without changes', async () => {
    await runCommand('import', ['examples/rules.csv', '--user', 'exported'], { env });
    await eventually(async () => expect(await countRules('exported')).toBe(7));
    const csv = await runExport('rules', '--user', 'exported');
    expect(csv.startsWith('\uFEFFuserId,name,opening')).toBe(true);
    expect(csv.split('\r\n')).toHaveLength(9);
    const { stdout } = await importRules(csv);
    expect(stdout).toBe('0 created, 7 already there, 0 refused.\n');
  });

  it('names in spaces, and such that look like formulas, are the same after an export and two imports', async () => {
    const names = ['-20 °C Túnel 1', '=1+1', "'=1", '\u00A0 Door\u3000', '≠ Cafe\u0301 ', '"Main", a'];
    const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const csv = [HEADER, ...names.map((name) => `${quote(name)},${quote(name)},,,,5,`)].join('\n');
    const present = '0 created, 6 already there, 0 refused.\n';
    // A cell of the file that begins with ' and a formula is a protected one.
    const protectedCsv = csv.replaceAll(`"'=1"`, `"''=1"`);
    const created = await importRules(protectedCsv, '--user', 'spaced');
    expect(created.stdout).toBe('6 created, 0 already there, 0 refused.\n');
    await eventually(async () => expect(await countRules('spaced')).toBe(6));
    expect((await importRules(protectedCsv, '--user', 'spaced')).stdout).toBe(present);
    const exported = await runExport('rules', '--user', 'spaced');
    expect(
      parse<Record<string, string>>(exported, { columns: true, bom: true }).map(({ name }) => name),
    ).toEqual(["'-20 °C Túnel 1", "'=1+1", "''=1", 'Door', "'≠ Café", '"Main", a'].toReversed());
    expect((await importRules(exported)).stdout).toBe(present);
    expect((await importRules(exported.normalize('NFD'))).stdout).toBe(present);
  });

  it('writes the alarms that match the filters', async () => {
    await runCommand(
      'import',
      ['examples/rules.csv', '--user', 'alarmed', '--effective-from', '2025-01-01T00:00:00Z'],
      {
        env,
      },
    );
    await runCommand('replay', ['examples/openings.csv', '--zone', 'Europe/Madrid', '--user', 'alarmed'], {
      env,
    });
    const rows = (csv: string) => parse<Record<string, string>>(csv, { columns: true, bom: true });
    const all = rows(await runExport('alarms', '--user', 'alarmed', '--status', 'ACTIVE,CLEARED'));
    const expected = readFileSync('examples/expected.csv', 'utf8').trim().split('\n').slice(1);
    const table = all.map(({ rule, kind, raisedAt, clearedAt }) =>
      [rule, kind, raisedAt, clearedAt].join(',').replaceAll('.000Z', 'Z'),
    );
    expect(table.sort()).toStrictEqual(expected);
    const some = rows(await runExport('alarms', '--user', 'alarmed', '--kind', 'open_too_long', '--no-bom'));
    expect(new Set(some.map(({ kind }) => kind))).toStrictEqual(new Set(['OPEN_TOO_LONG']));
  });

  it.each([
    [['doors'], /"doors", but must be one of "alarms", "rules"/],
    [['rules', '--kind', 'OPEN_TOO_LONG'], /does not apply to rules/],
    [[], /The argument <list> is missing/],
  ])('%j is wrong usage', async (args, message) => {
    const { code, stdout, stderr } = await runCommand('export', args, { env });
    expect({ code, stdout }).toStrictEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('ends quietly when the reader of its output ends', async () => {
    const alarm = {
      ...{ id: 'a', user: { id: 'ana' }, rule: { id: 'r', name: 'Night' }, opening: 'Door' },
      ...{ kind: 'OPEN_TOO_LONG', severity: 'INFO', status: 'ACTIVE', raisedAt: '', clearedAt: null },
      ...{ acknowledgedAt: null, acknowledgedBy: null, note: null, reason: 'It is open for long.' },
      ...{ claimedBy: null, claimedAt: null, resolution: null },
    };
    // A list without end: only its reader ends the export.
    const alarms = {
      totalCount: 1_000_000,
      nodes: Array.from({ length: 200 }, () => alarm),
      pageInfo: { hasNextPage: true, endCursor: 'next' },
    };
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ data: { __typename: 'Query', alarms } }));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
    const { child, ended } = startCommand('export', ['alarms', '--no-bom', '--url', url], { env });
    await once(child.stdout!, 'data');
    child.stdout!.destroy();
    const { code, stderr } = await ended;
    server.close();
    server.closeAllConnections();
    expect({ code, stderr }).toStrictEqual({ code: 0, stderr: '' });
  });

  it.runIf(existsSync('/dev/full'))('ends with exit code 1 if its output cannot be written', async () => {
    const command = `"${process.execPath}" scripts/cli.mjs export rules > /dev/full`;
    const { code, stderr } = await startProgram('sh', ['-c', command], { env }).ended;
    expect(stderr).toMatch(/^The output cannot be written \(ENOSPC.*\): write it elsewhere\.\n$/);
    expect(code).toBe(1);
  });

  it('prints why the server refuses a filter', async () => {
    const { code, stderr } = await runCommand('export', ['alarms', '--from', 'yesterday'], { env });
    expect(code).toBe(1);
    expect(stderr).toContain('raisedFrom');
  });
});

describe('load', () => {
  it('prints and writes the latencies of each kind of request, and deletes its rules', async () => {
    const output = join(platform.folder, 'load.json');
    const args = ['--rate', '40', '--seconds', '2', '--mix', 'queries=2,commands=1,readings=1'];
    const { code, stdout } = await runCommand('load', [...args, '--output', output], { env });
    expect(stdout).toMatch(/\nqueries .*\ncommands .*\nreadings .*\nall +80 +80 .* ms\n/);
    expect(code).toBe(0);
    expect(JSON.parse(readFileSync(output, 'utf8'))).toMatchObject({
      rate: 40,
      all: { requests: 80, succeeded: 80, p999: expect.any(Number) as number },
      errors: [],
    });
    const [, userId = ''] = /user (load-\w+)/.exec(stdout) ?? [];
    await eventually(async () => expect(await countRules(userId)).toBe(0));
  });

  it('refuses a gateway on another machine, also with a token, unless it is allowed', async () => {
    const { code, stderr } = await runCommand('load', ['--url', 'http://192.0.2.1/graphql'], {
      env: { ...env, AUTH_TOKEN: 'x' },
    });
    expect(code).toBe(2);
    expect(stderr).toContain('192.0.2.1 is not a loopback address: add --allow-remote');
  });
});

describe('probe', () => {
  it('finds every response correct, and deletes its rules', async () => {
    const { code, stdout } = await runCommand('probe', ['--count', '40', '--seed', '1'], { env });
    expect(stdout).toMatch(/\nvalid createRule .*\nreadable in reports /);
    expect(stdout).toMatch(/Every response was correct\.\n$/);
    expect(code).toBe(0);
    const [, userId = ''] = /user (probe-\w+)/.exec(stdout) ?? [];
    await eventually(async () => expect(await countRules(userId)).toBe(0));
  });

  it('lists wrong responses and ends with exit code 1', async () => {
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ data: { __typename: 'Query' } }));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
    const { code, stdout } = await runCommand('probe', ['--count', '40', '--seed', '1', '--url', url]);
    server.close();
    expect(stdout).toMatch(/x valid createRule: no rule\n/);
    expect(stdout).toMatch(/x wrong method: status 200 instead of 405, /);
    expect(code).toBe(1);
  });

  it('deletes its rules after Ctrl-C', async () => {
    const { child, ended } = startCommand('probe', ['--count', '100000'], { env });
    let userId = '';
    child.stdout!.on('data', (text: string) => (userId ||= /user (probe-\w+)/.exec(text)?.[1] ?? ''));
    await eventually(async () => expect(await countRules(userId || 'nobody')).toBeGreaterThan(0));
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    await eventually(async () => expect(await countRules(userId)).toBe(0));
  });

  it('deletes in a later round the rules that an earlier one could not delete', async () => {
    const rules = new Set<string>();
    let createdCount = 0;
    let hasListedRules = false;
    const respond = (query: string, { id = '', input = {} }: { id?: string; input?: object }) => {
      if (query.includes('createRule(')) {
        const rule = { id: `rule ${createdCount++}`, version: 1, ...input };
        rules.add(rule.id);
        return { data: { createRule: { rule } } };
      }
      if (query.includes('deleteRule(')) {
        if (hasListedRules && rules.delete(id)) return { data: { deleteRule: { rule: { id } } } };
        const code = rules.has(id) ? 'INTERNAL_SERVER_ERROR' : 'NOT_FOUND';
        return { data: null, errors: [{ message: 'refused', extensions: { code } }] };
      }
      if (!query.includes('user(')) return { data: { rule: { id } } };
      hasListedRules = true;
      const nodes = [...rules].map((each) => ({ id: each }));
      return { data: { user: { rules: { nodes, pageInfo: { hasNextPage: false, endCursor: null } } } } };
    };
    const server = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      // Requests without a JSON body get a wrong response.
      void json(request).then(
        (body) => {
          const { query, variables } = body as { query: string; variables: object };
          response.end(JSON.stringify(respond(query, variables)));
        },
        () => response.end('{"data":null}'),
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
    const args = ['--every', '100ms', '--count', '10', '--concurrency', '1', '--seed', '1', '--url', url];
    const { child, ended } = startCommand('probe', args, { env });
    await eventually(() => {
      expect(hasListedRules).toBe(true);
      expect(rules.size).toBe(0);
    });
    child.kill('SIGTERM');
    expect((await ended).stdout).toMatch(/not deleted: \d+ rules of the user probe-/);
    server.close();
    server.closeAllConnections();
  });

  it('sends heartbeats with --every, and the last one removes the service', async () => {
    const fastEnv = { ...env, HEARTBEAT_INTERVAL_MS: String(HEARTBEAT_INTERVAL_MS) };
    const { child, ended } = startCommand('probe', ['--every', '100ms', '--count', '5'], { env: fastEnv });
    await eventually(async () => expect(await readStatuses()).toHaveProperty('probe', 'UP'));
    child.kill('SIGTERM');
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/Z 5 probes, 0 wrong; answered p50 /);
    await eventually(async () => expect(await readStatuses()).not.toHaveProperty('probe'));
  });
});

describe('backup, restore and verify', () => {
  it('back up a running installation, refuse to overwrite, and prove and repair the read model', async () => {
    await waitUntilAllUp();
    const target = join(platform.folder, 'backup');
    const backup = await runCommand('backup', [target], { env });
    expect(backup).toMatchObject({ code: 0, stdout: expect.stringMatching(/Log position: \d+/) as string });
    expect(await runCommand('backup', [target], { env })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('exists already') as string,
    });
    expect(await runCommand('restore', [target, '--replace'], { env })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/already works in the data folder/) as string,
    });
    expect(await runCommand('verify', [], { env })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('is equal to the log') as string,
    });
    const readModel = openDatabaseFile(join(platform.folder, 'reports.sqlite'), { isReadOnly: false });
    readModel.exec("insert into users values ('nobody-4715')");
    readModel.close();
    expect(await runCommand('verify', ['--repair'], { env })).toMatchObject({ code: 1 });
    expect(await runCommand('verify', [], { env })).toMatchObject({ code: 0 });
  });

  it('restore a backup into an empty data folder', async () => {
    const dataDir = join(platform.folder, 'restored');
    const target = join(platform.folder, 'backup with secrets');
    await runCommand('backup', [target, '--with-secrets'], { env });
    const restored = await runCommand('restore', [target], { env: { ...env, DATA_DIR: dataDir } });
    expect(restored).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('is restored up to') as string,
    });
    expect(existsSync(join(dataDir, 'monitoring.sqlite'))).toBe(true);
    expect(existsSync(join(dataDir, 'installation-secret'))).toBe(true);
  });
});

describe('status', () => {
  it('ends with 0 if all services are UP, and shows the checks of each process', async () => {
    await waitUntilAllUp();
    const { code, stdout } = await runCommand('status', [], { env });
    expect(stdout).toMatch(/^reports +UP .* sends heartbeats as expected/m);
    const timeZoneData = process.versions['tz'] ?? '';
    for (const name of ['monitoring', 'reports']) {
      expect(stdout).toMatch(new RegExp(`^${name} +yes .*timeZoneData=${timeZoneData}`, 'm'));
    }
    expect(stdout).toMatch(/^reports +yes .*position=\d+/m);
    expect(stdout).toMatch(/^monitoring +memory=\d+MiB log=\d+ relayLag=0 relayLagTime=0s timersDue=\d+ /m);
    expect(stdout).toMatch(/^Redis redis:.*: answers$/m);
    expect(stdout).toContain(`\nTime zone data: ${timeZoneData}.`);
    expect(code).toBe(0);
  });

  it('ends with 1 if a service is DOWN, and shows the processes without heartbeat', async () => {
    await platform.stop('reports', 'SIGKILL');
    await eventually(async () => expect(await readStatuses()).toHaveProperty('reports', 'DOWN'));
    const down = await runCommand('status', ['--json'], { env });
    expect(JSON.parse(down.stdout)).toMatchObject({
      services: expect.arrayContaining([
        expect.objectContaining({ name: 'reports', status: 'DOWN' }),
      ]) as unknown,
      processes: expect.arrayContaining([
        expect.objectContaining({ name: 'reports', ready: false, fault: 'nothing listens there' }),
      ]) as unknown,
    });
    expect(down.code).toBe(1);

    await platform.stop('heartbeat', 'SIGKILL');
    const withoutHeartbeat = await runCommand('status', [], { env });
    expect(withoutHeartbeat.stdout).toMatch(/^Health is not known: /);
    expect(withoutHeartbeat.stdout).toMatch(/^monitoring +yes /m);
    expect(withoutHeartbeat.code).toBe(1);
    await Promise.all([platform.start('reports'), platform.start('heartbeat')]);
    await waitUntilAllUp();
  });

  it('ends with 2 if nothing answers', async () => {
    const { MONITORING_PORT, REPORTS_PORT, HEARTBEAT_PORT, GATEWAY_PORT } = { ...env };
    const ports = { MONITORING_PORT, REPORTS_PORT, HEARTBEAT_PORT, GATEWAY_PORT };
    const closedPorts = Object.fromEntries(Object.keys(ports).map((name) => [name, '9']));
    const { code } = await runCommand('status', [], { env: { ...env, ...closedPorts } });
    expect(code).toBe(2);
  });
});
