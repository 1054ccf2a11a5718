import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { eventually } from '@seguridad-abc/platform/testing';
import { parse } from 'csv-parse/sync';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../harness/clients.js';
import { INTERVAL_MS, startPlatform, type Platform } from '../harness/platform.js';
import { runTool, settingsOf, startTool, stopTools } from './run-tool.js';

let platform: Platform;
let env: Record<string, string>;
beforeAll(async () => {
  platform = await startPlatform();
  env = settingsOf(platform);
});
afterEach(stopTools);
afterAll(() => platform.close());

const services = async () => {
  const { data } = await ask<{ services: { name: string; status: string }[] }>(
    platform.url,
    '{ services { name status } }',
  );
  return Object.fromEntries((data?.services ?? []).map(({ name, status }) => [name, status]));
};
const allUp = () =>
  eventually(async () => expect(new Set(Object.values(await services()))).toStrictEqual(new Set(['UP'])));
const totalOf = async (userId: string) => {
  const { data } = await ask<{ rules: { totalCount: number } }>(
    platform.url,
    'query ($userId: ID) { rules(filter: { userId: $userId }) { totalCount } }',
    { userId },
  );
  return data?.rules.totalCount;
};

const HEADER = 'name,opening,opensAt,closesAt,days,maxOpenSeconds,timeZone';
const importRules = (csv: string, ...args: string[]) =>
  runTool('import', ['-', ...args], { env, input: csv });

describe('import', () => {
  it('creates the rules of a file, and a second run changes nothing', async () => {
    const first = await runTool('import', ['examples/rules.csv', '--user', 'twice'], { env });
    expect(first).toMatchObject({ code: 0, stdout: '7 created, 0 there already, 0 refused.\n' });
    const second = await runTool('import', ['examples/rules.csv', '--user', 'twice'], { env });
    expect(second).toMatchObject({ code: 0, stdout: '0 created, 7 there already, 0 refused.\n' });
    await eventually(async () => expect(await totalOf('twice')).toBe(7));
  });

  it('tells every fault of every row with its line and column, in the order of the file', async () => {
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
      'line 4, days: It must be days like MONDAY|TUESDAY, or empty for no day at all ("FUNDAY" is none).',
      'line 4, severity: It must be one of INFO, WARNING, CRITICAL (it is "LOW").',
      'line 4, name: name must not be empty.',
      'line 4, opensAt: opensAt must be a time like 08:00 or 08:00:30.',
      'line 4, timeZone: timeZone must be an IANA time zone name, such as America/Bogota.',
      'line 4, maxOpenSeconds: maxOpenSeconds must be from 1 to 604800.',
      'line 5: A rule needs hours (opensAt and closesAt), or a timer (maxOpenSeconds), or both.',
      'line 6, days: The rule is there already, and differs: MONDAY|FRIDAY there, no day here.',
      'line 6, maxOpenSeconds: The rule is there already, and differs: 20 there, 30 here.',
      'line 7: It has 2 cells, and there are 8 columns.',
      '2 created, 1 there already, 4 refused.',
      '',
    ]);
    expect(code).toBe(1);
    await eventually(async () => expect(await totalOf('faulty')).toBe(2));
  });

  it('takes an empty cell of days for no day, and a file without the column for all seven', async () => {
    await importRules(`${HEADER}\nnever,Door,08:00,18:00,,,`, '--user', 'days');
    await importRules(`${HEADER.replace('days,', '')}\nalways,Door,08:00,18:00,,`, '--user', 'days');
    await eventually(async () => {
      const query = '{ rules(filter: { userId: "days" }) { nodes { name days } } }';
      expect((await ask(platform.url, query)).data).toEqual({
        rules: {
          nodes: [
            { name: 'always', days: expect.objectContaining({ length: 7 }) as unknown },
            { name: 'never', days: [] },
          ],
        },
      });
    });
  });

  it('sends nothing of a file that cannot be taken as a whole', async () => {
    const { code, stdout, stderr } = await importRules('name,colour\nx,y', '--user', 'nobody');
    expect({ code, stdout }).toStrictEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('unknown columns: "colour"; missing columns: opening');
    expect(await totalOf('nobody')).toBe(0);
  });

  it('takes user and beginning of a row before those of the command', async () => {
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
      expect((await ask<{ rules: { nodes: object[] } }>(platform.url, query)).data?.rules.nodes).toEqual(
        expect.arrayContaining([
          { name: 'a', user: { id: 'theirs' }, effectiveFrom: '2026-01-01T00:00:00.000Z' },
          { name: 'b', user: { id: 'mine' }, effectiveFrom: '2026-02-02T05:00:00.000Z' },
        ]),
      );
    });
  });

  it('goes on where monitoring was away for a moment', async () => {
    await platform.end('monitoring', 'SIGKILL');
    // In its place, something that cuts every connection off, and so shows that the row was sent.
    const place = createTcpServer((socket) => socket.destroy()).listen(
      Number(env['MONITORING_PORT']),
      '127.0.0.1',
    );
    await once(place, 'listening');
    const sent = once(place, 'connection');
    const csv = `${HEADER}\na,Door,,,,5,\n`;
    const running = startTool('import', ['-', '--user', 'patient'], { env, input: csv });
    await sent;
    place.close();
    await once(place, 'close');
    await platform.start('monitoring');
    expect(await running.ended).toMatchObject({
      code: 0,
      stdout: '1 created, 0 there already, 0 refused.\n',
    });
    await allUp();
  });

  it('of a gateway that does not answer says so: exit code 2', async () => {
    const args = ['-', '--user', 'x', '--url', 'http://127.0.0.1:9/graphql'];
    const { code, stderr } = await runTool('import', args, { input: `${HEADER}\na,Door,,,,5,\n` });
    expect(code).toBe(2);
    expect(stderr).toContain('does not answer');
  });
});

describe('replay', () => {
  const BEGINNING = ['--effective-from', '2025-01-01T00:00:00Z'];
  const replay = (user: string, ...args: string[]) =>
    runTool('replay', ['examples/openings.csv', '--zone', 'Europe/Madrid', '--user', user, ...args], { env });

  it('records the readings of a file once, and ends with the alarms by rule and kind', async () => {
    await runTool('import', ['examples/rules.csv', '--user', 'replayed', ...BEGINNING], { env });
    const first = await replay('replayed');
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toMatch(/^80 recorded, 0 there already, 0 refused\.$/m);
    const expected = readFileSync('examples/expected.csv', 'utf8').trim().split('\n').slice(1);
    const counted = [...first.stdout.matchAll(/ (\d+) +(\d+)$/gm)].flatMap(([, a, b]) => [
      Number(a),
      Number(b),
    ]);
    expect(counted.reduce((sum, n) => sum + n, 0)).toBe(expected.length);
    const second = await replay('replayed', '--batch', '7');
    expect(second.stdout).toMatch(/^0 recorded, 80 there already, 0 refused\.$/m);
    expect(second.stdout.split('\n').slice(1)).toStrictEqual(first.stdout.split('\n').slice(1));
  });

  it('at a speed it takes its time, and goes on where it was interrupted', async () => {
    const { child, ended } = startTool(
      'replay',
      ['examples/openings.csv', '--zone', 'Europe/Madrid', '--user', 'slow', '--speed', '3600'],
      { env },
    );
    const openings = async () => {
      const { data } = await ask<{ user: { openings: unknown[] } | null }>(
        platform.url,
        '{ user(id: "slow") { openings { name } } }',
      );
      return data?.user?.openings.length ?? 0;
    };
    await eventually(async () => expect(await openings()).toBeGreaterThan(0));
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    const { stdout } = await replay('slow');
    const [, recorded, there] = /(\d+) recorded, (\d+) there already, 0 refused/.exec(stdout) ?? [];
    expect(Number(recorded) + Number(there)).toBe(80);
    expect(Number(there)).toBeGreaterThan(0);
    expect(Number(recorded)).toBeGreaterThan(0);
  });

  it.each([
    [['--zone', 'Mars/Base'], /--zone must be/],
    [['--speed', '-1'], /--speed/],
    [['--batch', '1001'], /--batch/],
  ])('%j is wrong usage', async (args, message) => {
    const { code, stderr } = await replay('nobody', ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe('export', () => {
  const exported = async (...args: string[]) => {
    const { code, stdout, stderr } = await runTool('export', args, { env });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return stdout;
  };

  it('writes rules that import takes again, and that change nothing then', async () => {
    await runTool('import', ['examples/rules.csv', '--user', 'exported'], { env });
    await eventually(async () => expect(await totalOf('exported')).toBe(7));
    const csv = await exported('rules', '--user', 'exported');
    expect(csv.startsWith('\uFEFFuserId,name,opening')).toBe(true);
    expect(csv.split('\r\n')).toHaveLength(9);
    const { stdout } = await importRules(csv);
    expect(stdout).toBe('0 created, 7 there already, 0 refused.\n');
  });

  it('writes alarms by their filters', async () => {
    await runTool(
      'import',
      ['examples/rules.csv', '--user', 'alarmed', '--effective-from', '2025-01-01T00:00:00Z'],
      {
        env,
      },
    );
    await runTool('replay', ['examples/openings.csv', '--zone', 'Europe/Madrid', '--user', 'alarmed'], {
      env,
    });
    const rows = (csv: string) => parse<Record<string, string>>(csv, { columns: true, bom: true });
    const all = rows(await exported('alarms', '--user', 'alarmed', '--status', 'ACTIVE,CLEARED'));
    const expected = readFileSync('examples/expected.csv', 'utf8').trim().split('\n').slice(1);
    const table = all.map(({ rule, kind, raisedAt, clearedAt }) =>
      [rule, kind, raisedAt, clearedAt].join(',').replaceAll('.000Z', 'Z'),
    );
    expect(table.sort()).toStrictEqual(expected);
    const some = rows(await exported('alarms', '--user', 'alarmed', '--kind', 'open_too_long', '--no-bom'));
    expect(new Set(some.map(({ kind }) => kind))).toStrictEqual(new Set(['OPEN_TOO_LONG']));
  });

  it.each([
    [['doors'], /alarms or rules/],
    [['rules', '--kind', 'OPEN_TOO_LONG'], /no filter of rules/],
    [[], /Arguments due/],
  ])('%j is wrong usage', async (args, message) => {
    const { code, stdout, stderr } = await runTool('export', args, { env });
    expect({ code, stdout }).toStrictEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('says what the server has against a filter', async () => {
    const { code, stderr } = await runTool('export', ['alarms', '--from', 'yesterday'], { env });
    expect(code).toBe(1);
    expect(stderr).toContain('raisedFrom');
  });
});

describe('probe', () => {
  it('finds every answer right, and leaves no rule', async () => {
    const { code, stdout } = await runTool('probe', ['--count', '40', '--seed', '1'], { env });
    expect(stdout).toMatch(/\nvalid createRule .*\nreadable in reports /);
    expect(stdout).toMatch(/Every answer was right\.\n$/);
    expect(code).toBe(0);
    const [, userId = ''] = /user (probe-\w+)/.exec(stdout) ?? [];
    await eventually(async () => expect(await totalOf(userId)).toBe(0));
  });

  it('says which answers are wrong: exit code 1', async () => {
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ data: { __typename: 'Query' } }));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
    const { code, stdout } = await runTool('probe', ['--count', '40', '--seed', '1', '--url', url]);
    server.close();
    expect(stdout).toMatch(/x valid createRule: no rule\n/);
    expect(stdout).toMatch(/x wrong method: status 200 instead of 405, /);
    expect(code).toBe(1);
  });

  it('deletes what it has made when it is interrupted', async () => {
    const { child, ended } = startTool('probe', ['--count', '100000'], { env });
    let userId = '';
    child.stdout!.on('data', (text: string) => (userId ||= /user (probe-\w+)/.exec(text)?.[1] ?? ''));
    await eventually(async () => expect(await totalOf(userId || 'nobody')).toBeGreaterThan(0));
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    await eventually(async () => expect(await totalOf(userId)).toBe(0));
  });

  it('deletes in a later round what it could not delete in an earlier one', async () => {
    const rules = new Set<string>();
    let made = 0;
    let isAskedForTheRest = false;
    const answerTo = (query: string, { id = '', input = {} }: { id?: string; input?: object }) => {
      if (query.includes('createRule(')) {
        const rule = { id: `rule ${made++}`, version: 1, ...input };
        rules.add(rule.id);
        return { data: { createRule: { rule } } };
      }
      if (query.includes('deleteRule(')) {
        if (isAskedForTheRest && rules.delete(id)) return { data: { deleteRule: { rule: { id } } } };
        const code = rules.has(id) ? 'INTERNAL_SERVER_ERROR' : 'NOT_FOUND';
        return { data: null, errors: [{ message: 'refused', extensions: { code } }] };
      }
      if (!query.includes('user(')) return { data: { rule: { id } } };
      isAskedForTheRest = true;
      const nodes = [...rules].map((each) => ({ id: each }));
      return { data: { user: { rules: { nodes, pageInfo: { hasNextPage: false, endCursor: null } } } } };
    };
    const server = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      // What is no JSON, and what has no body, is only there to be judged as wrong.
      void json(request).then(
        (body) => {
          const { query, variables } = body as { query: string; variables: object };
          response.end(JSON.stringify(answerTo(query, variables)));
        },
        () => response.end('{"data":null}'),
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
    const args = ['--every', '100ms', '--count', '10', '--concurrency', '1', '--seed', '1', '--url', url];
    const { child, ended } = startTool('probe', args, { env });
    await eventually(() => {
      expect(isAskedForTheRest).toBe(true);
      expect(rules.size).toBe(0);
    });
    child.kill('SIGTERM');
    expect((await ended).stdout).toMatch(/not deleted: \d+ rules of the user probe-/);
    server.close();
    server.closeAllConnections();
  });

  it('beats while it keeps probing, and its goodbye removes it', async () => {
    const beats = { ...env, HEARTBEAT_INTERVAL_MS: String(INTERVAL_MS) };
    const { child, ended } = startTool('probe', ['--every', '100ms', '--count', '5'], { env: beats });
    await eventually(async () => expect(await services()).toHaveProperty('probe', 'UP'));
    child.kill('SIGTERM');
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/Z 5 probes, 0 wrong; answered p50 /);
    await eventually(async () => expect(await services()).not.toHaveProperty('probe'));
  });
});

describe('status', () => {
  it('0 where all is UP, with what each process says', async () => {
    await allUp();
    const { code, stdout } = await runTool('status', [], { env });
    expect(stdout).toMatch(/^reports +UP .* sends heartbeats as expected/m);
    expect(stdout).toMatch(/^reports +yes .*position=\d+/m);
    expect(stdout).toMatch(/^Redis redis:.*: answers$/m);
    expect(code).toBe(0);
  });

  it('1 where a service is not, and what it knows where heartbeat is not there to tell', async () => {
    await platform.end('reports', 'SIGKILL');
    await eventually(async () => expect(await services()).toHaveProperty('reports', 'DOWN'));
    const down = await runTool('status', ['--json'], { env });
    expect(JSON.parse(down.stdout)).toMatchObject({
      services: expect.arrayContaining([
        expect.objectContaining({ name: 'reports', status: 'DOWN' }),
      ]) as unknown,
      processes: expect.arrayContaining([
        expect.objectContaining({ name: 'reports', ready: false, fault: 'nothing listens there' }),
      ]) as unknown,
    });
    expect(down.code).toBe(1);

    await platform.end('heartbeat', 'SIGKILL');
    const blind = await runTool('status', [], { env });
    expect(blind.stdout).toMatch(/^Health is not known: /);
    expect(blind.stdout).toMatch(/^monitoring +yes /m);
    expect(blind.code).toBe(1);
    await Promise.all([platform.start('reports'), platform.start('heartbeat')]);
    await allUp();
  });

  it('2 where nothing can be reached', async () => {
    const { MONITORING_PORT, REPORTS_PORT, HEARTBEAT_PORT, GATEWAY_PORT } = { ...env };
    const ports = { MONITORING_PORT, REPORTS_PORT, HEARTBEAT_PORT, GATEWAY_PORT };
    const nowhere = Object.fromEntries(Object.keys(ports).map((name) => [name, '9']));
    const { code } = await runTool('status', [], { env: { ...env, ...nowhere } });
    expect(code).toBe(2);
  });
});
