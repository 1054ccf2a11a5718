import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@seguridad-abc/platform/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  collectPayloads,
  createWebSocketClient,
  executeOperation,
  getErrorCodes,
} from './harness/graphql-clients.js';
import { getInstallationEnv, runCommand } from './harness/script-process.js';
import { startTestPlatform, type TestPlatform } from './harness/test-platform.js';

const USER = 'carmen-ruiz-4711';
const OTHER = 'diego-sanz-4712';

interface Entry {
  readonly sequence: number;
  readonly action: string;
  readonly outcome: string;
  readonly role: string | null;
  readonly actor: string | null;
  readonly address: string | null;
  readonly userId: string | null;
  readonly count: number;
  readonly before: string | null;
  readonly after: string | null;
}

const FIELDS = 'sequence action outcome role actor address userId count before after';

let platform: TestPlatform;
beforeAll(async () => void (platform = await startTestPlatform()));
afterAll(() => platform.close());

const execute = (query: string, variables = {}, authorization?: string) =>
  executeOperation<Record<string, never>>(
    platform.url,
    query,
    variables,
    authorization === undefined ? {} : { headers: { authorization } },
  );

async function readLog(filter: object, first = 50): Promise<Entry[]> {
  const query = `query ($filter: AuditFilter, $first: Int) { auditLog(filter: $filter, first: $first) { nodes { ${FIELDS} } } }`;
  const { data, errors } = await executeOperation<{ auditLog: { nodes: Entry[] } }>(platform.url, query, {
    filter,
    first,
  });
  expect(errors).toBeUndefined();
  return data?.auditLog.nodes ?? [];
}

const createRule = (userId: string, name: string, authorization?: string) =>
  execute(
    `mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }`,
    { input: { userId, name, opening: `Door of ${userId}`, maxOpenSeconds: 60 } },
    authorization,
  );

const run = (name: string, args: readonly string[]) =>
  runCommand(name, args, { env: getInstallationEnv(platform) });

/** The files below a folder that contain a text. */
function findFiles(folder: string, text: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  return files.filter((file) => statSync(file).isFile() && readFileSync(file, 'latin1').includes(text));
}

describe('the audit trail of an installation', () => {
  it('shows an operator what a command changed, and from which address', async () => {
    const authorization = await platform.createAuthorization({ id: USER, role: 'customer' });
    const { data } = await createRule(USER, 'Vault', authorization);
    const { id } = (data as unknown as { createRule: { rule: { id: string } } }).createRule.rule;
    await execute(
      'mutation ($input: UpdateRuleInput!) { updateRule(input: $input) { rule { id } } }',
      { input: { id, name: 'Vault 2' } },
      authorization,
    );
    const [updated, created] = await readLog({ actor: USER });
    expect(created).toMatchObject({
      action: 'createRule',
      outcome: 'ACCEPTED',
      role: 'customer',
      address: expect.stringMatching(/^(127\.0\.0\.1|::1)$/) as string,
      userId: USER,
      before: null,
    });
    expect(JSON.parse(updated?.before ?? '')).toMatchObject({ name: 'Vault', version: 1 });
    expect(JSON.parse(updated?.after ?? '')).toMatchObject({ name: 'Vault 2', version: 2 });
  });

  it('is for operators only, and records the attempts of others', async () => {
    const authorization = await platform.createAuthorization({ id: OTHER, role: 'customer' });
    const refused = await execute('{ auditLog { nodes { hash } } }', {}, authorization);
    expect(getErrorCodes(refused)).toEqual(['FORBIDDEN']);
    const [entry] = await eventually(async () => {
      const found = await readLog({ actor: OTHER, outcome: 'FORBIDDEN' });
      expect(found).toHaveLength(1);
      return found;
    });
    expect(entry).toMatchObject({ action: 'auditLog', role: 'customer', userId: OTHER, count: 1 });
  });

  it('records failed sign-ins and refused operations once, however often they are repeated', async () => {
    for (let i = 0; i < 20; i++)
      expect(getErrorCodes(await execute('{ viewer { id } }', {}, 'Bearer wrong'))).toEqual([
        'UNAUTHENTICATED',
      ]);
    const authorization = await platform.createAuthorization({ id: OTHER, role: 'customer' });
    const costly =
      '{ viewer { rules(first: 200) { nodes { user { rules(first: 200) { nodes { id } } } } } } }';
    for (let i = 0; i < 20; i++)
      expect(getErrorCodes(await execute(costly, {}, authorization))).toEqual(['OPERATION_TOO_COSTLY']);
    await eventually(async () => {
      expect(await readLog({ outcome: 'UNAUTHENTICATED' })).toMatchObject([
        { action: 'signIn', actor: null },
      ]);
      expect(await readLog({ outcome: 'OPERATION_TOO_COSTLY' })).toMatchObject([
        { action: 'viewer', actor: OTHER },
      ]);
    });
  });

  it('exports the trail, and verifies it and the exported file', { timeout: 300_000 }, async () => {
    const verified = await run('audit', ['verify']);
    expect(verified).toMatchObject({ code: 0, stderr: '' });
    const anchor = /Anchor: (\S+)/.exec(verified.stdout)?.[1] ?? '';
    expect(await run('audit', ['verify', '--anchor', anchor])).toMatchObject({ code: 0 });
    const { stdout, stderr } = await run('audit', ['export']);
    expect(stderr).toBe('');
    const file = join(platform.folder, 'audit.jsonl');
    writeFileSync(file, stdout);
    expect(await run('audit', ['verify', '--file', file])).toMatchObject({ code: 0 });
    writeFileSync(file, stdout.replace('"count":1', '"count":2'));
    expect(await run('audit', ['verify', '--file', file])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('The entry was changed.') as string,
    });
    writeFileSync(file, stdout.split('\n').slice(2).join('\n'));
    expect(await run('audit', ['verify', '--file', file])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('The entries 1 to 2 are missing') as string,
    });
    writeFileSync(file, '');
    const csv = await run('audit', ['export', '--format', 'csv', '--user', USER]);
    expect(csv.stdout.split('\r\n')[0]).toContain('sequence,at,action,outcome,role,actor,device,address');
    expect(csv.stdout).toContain('createRule');
  });
});

describe('the erasure of a user', () => {
  it(
    'leaves no trace in databases and Redis, keeps other users, and tells subscribers',
    { timeout: 300_000 },
    async () => {
      const { data } = await createRule(OTHER, 'Cellar');
      expect(data).not.toBeNull();
      const at = new Date().toISOString();
      await execute(
        'mutation ($input: RecordReadingsInput!) { recordReadings(input: $input) { accepted } }',
        {
          input: {
            userId: USER,
            readings: [{ id: 'reading-4711', opening: `Door of ${USER}`, state: 'OPEN', at }],
          },
        },
      );
      const client = createWebSocketClient(platform.webSocketUrl);
      const changes = collectPayloads<{ ruleChanged: { kind: string } }>(
        client,
        `subscription { ruleChanged(userId: "${USER}") { kind } }`,
      );
      // The subscription runs once it delivers a change.
      await eventually(async () => {
        await createRule(USER, `Marker ${Math.random()}`);
        expect(changes.payloads.length).toBeGreaterThan(0);
      });
      const exported = await run('user-data', ['export', USER]);
      expect(exported.stderr).toBe('');
      expect(exported.stdout).toContain('reading-4711');
      await eventually(() => expect(findFiles(platform.folder, USER).join()).toContain('reports.sqlite'));

      expect(await run('user-data', ['erase', USER])).toMatchObject({ code: 2 });
      expect(await run('user-data', ['erase', 'nobody', '--yes'])).toMatchObject({
        code: 3,
        stdout: '',
        stderr: 'Nothing is stored of nobody, so nothing was erased: check the id.\n',
      });
      const erased = await run('user-data', ['erase', USER, '--yes']);
      expect(erased).toMatchObject({ code: 0, stdout: expect.stringContaining('is erased') as string });
      await changes.waitFor((payload) => payload.data?.ruleChanged.kind === 'DELETED');
      await client.dispose();

      await eventually(() => expect(findFiles(platform.folder, USER)).toEqual([]));
      const redis = new Redis(platform.redis.url);
      const [, folder = ''] = (await redis.config('GET', 'dir')) as string[];
      await eventually(() => expect(findFiles(folder, USER)).toEqual([]));
      await redis.quit();

      const rules = await executeOperation<{ rules: { nodes: { name: string }[] } }>(
        platform.url,
        `{ rules { nodes { name } } }`,
      );
      expect(rules.data?.rules.nodes).toEqual([{ name: 'Cellar' }]);
      expect((await run('user-data', ['export', USER])).stdout).not.toContain('"kind":"rule"');
      expect(await run('audit', ['verify'])).toMatchObject({ code: 0 });
      expect((await readLog({ action: 'completeErasure' })).length).toBe(1);
    },
  );

  it('can be requested by an operator, whose next query no longer sees the user', async () => {
    const user = 'elena-mora-4713';
    await createRule(user, 'Attic');
    const erase = `mutation ($input: EraseUserDataInput!) {
      eraseUserData(input: $input) { clientMutationId erased pseudonym rules openings devices }
    }`;
    const variables = { input: { userId: user, clientMutationId: 'erase elena' } };
    const customer = await platform.createAuthorization({ id: user, role: 'customer' });
    expect(getErrorCodes(await execute(erase, variables, customer))).toEqual(['FORBIDDEN']);
    const { data, extensions } = await execute(erase, variables);
    const outcome = { clientMutationId: 'erase elena', erased: true, rules: 1, openings: 1, devices: 0 };
    expect(data).toMatchObject({ eraseUserData: outcome });
    const { consistencyToken } = extensions as { consistencyToken: string };
    const query = `{ rules(filter: { userId: "${user}" }) { nodes { name } } }`;
    const rules = await executeOperation(platform.url, query, {}, { consistencyToken });
    // No `staleness`: the read model has erased the user.
    expect(rules).toEqual({ data: { rules: { nodes: [] } } });

    const unknown = await execute(erase, { input: { userId: 'nobody-4714' } });
    expect(unknown.data).toMatchObject({ eraseUserData: { erased: false, pseudonym: null } });
    expect(await run('user-data', ['erase', 'nobody-4714', '--yes'])).toMatchObject({ code: 3, stdout: '' });
  });

  it('survives a rebuilt read model, and later commands are those of a new user', async () => {
    await platform.stop('reports', 'SIGTERM');
    for (const name of readdirSync(platform.folder).filter((each) => each.startsWith('reports.sqlite')))
      writeFileSync(join(platform.folder, name), '');
    await platform.start('reports');
    await createRule(USER, 'New life');
    const query = `{ user(id: "${USER}") { rules { nodes { name } } } }`;
    await eventually(async () => {
      const { data } = await executeOperation<{ user: { rules: { nodes: unknown[] } } | null }>(
        platform.url,
        query,
      );
      expect(data?.user?.rules.nodes).toEqual([{ name: 'New life' }]);
    });
  });
});
