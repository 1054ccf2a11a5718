import { ApolloClient, gql, HttpLink, InMemoryCache, ApolloLink } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { OperationTypeNode } from 'graphql';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, authorised, collect, socketClient, type GraphQLAnswer } from './harness/clients.js';
import { startPlatform, type Platform } from './harness/platform.js';

let platform: Platform;
beforeAll(async () => void (platform = await startPlatform()));
afterAll(() => platform.close());

const DEFINITION = `id user { id } name opening opensAt closesAt days timeZone maxOpenSeconds severity enabled
  effectiveFrom createdAt updatedAt deletedAt version`;
const CREATE = `mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { ${DEFINITION} } } }`;
const RULES = `query ($of: RuleFilter) { rules(filter: $of) { totalCount nodes { ${DEFINITION} } } }`;

interface Rule {
  id: string;
  name: string;
  version: number;
  createdAt: string;
}

const input = (fields: Record<string, unknown> = {}) => ({
  userId: 'ana',
  name: 'Shop door',
  opening: 'Shop',
  opensAt: '08:00',
  closesAt: '18:00',
  ...fields,
});

async function create(fields: Record<string, unknown>): Promise<Rule> {
  const { data, errors } = await ask<{ createRule: { rule: Rule } }>(platform.url, CREATE, {
    input: input(fields),
  });
  if (!data) throw new Error(JSON.stringify(errors));
  return data.createRule.rule;
}

async function rulesOf(userId: string): Promise<Rule[]> {
  const { data } = await ask<{ rules: { nodes: Rule[] } }>(platform.url, RULES, { of: { userId } });
  return data?.rules.nodes ?? [];
}

const errorsOf = ({ errors = [] }: GraphQLAnswer) => errors;

describe('a rule, from command to query', () => {
  it('is answered whole by the command, and read back whole from reports', async () => {
    const rule = await create({ userId: 'whole', timeZone: 'Europe/Madrid', days: ['MONDAY'] });
    expect(rule).toMatchObject({
      user: { id: 'whole' },
      opensAt: '08:00',
      closesAt: '18:00',
      days: ['MONDAY'],
      timeZone: 'Europe/Madrid',
      maxOpenSeconds: null,
      severity: 'WARNING',
      enabled: true,
      deletedAt: null,
      version: 1,
    });
    await eventually(async () => expect(await rulesOf('whole')).toStrictEqual([rule]));
    const { data } = await ask(
      platform.url,
      `query ($id: ID!) { rule(id: $id) { ${DEFINITION} } user(id: "whole") { rules { totalCount } } }`,
      { id: rule.id },
    );
    expect(data).toStrictEqual({ rule, user: { rules: { totalCount: 1 } } });
  });

  it('is answered with what only reports knows, in the same operation', async () => {
    const { data, errors } = await ask(
      platform.url,
      `mutation ($input: CreateRuleInput!) {
        createRule(input: $input) { rule { name user { id rules { nodes { name } } } } }
      }`,
      { input: input({ userId: 'reader' }) },
    );
    expect(errors).toBeUndefined();
    const rule = { name: 'Shop door', user: { id: 'reader', rules: { nodes: [{ name: 'Shop door' }] } } };
    expect(data).toStrictEqual({ createRule: { rule } });
  });

  it('is changed and deleted, and gone from the queries', async () => {
    const { id } = await create({ userId: 'changing' });
    const update = await ask<{ updateRule: { rule: Rule } }>(
      platform.url,
      `mutation ($id: ID!) { updateRule(input: { id: $id, expectedVersion: 1, name: "Back door", opensAt: null, closesAt: null, maxOpenSeconds: 5 }) { rule { name version } } }`,
      { id },
    );
    expect(update.data?.updateRule.rule).toStrictEqual({ name: 'Back door', version: 2 });
    await eventually(async () =>
      expect(await rulesOf('changing')).toMatchObject([{ name: 'Back door', opensAt: null }]),
    );
    const gone = await ask<{ deleteRule: { rule: { deletedAt: string } } }>(
      platform.url,
      `mutation ($id: ID!) { deleteRule(input: { id: $id }) { rule { deletedAt } } }`,
      { id },
    );
    expect(gone.data?.deleteRule.rule.deletedAt).toMatch(/Z$/);
    await eventually(async () => {
      const { data } = await ask(platform.url, `query ($id: ID!) { rule(id: $id) { id } }`, { id });
      expect(data).toStrictEqual({ rule: null });
    });
  });
});

describe('a refused command', () => {
  it('keeps code, path and every fault through the gateway, and shows no URL', async () => {
    const answer = await ask(platform.url, CREATE, {
      input: { userId: ' ', name: '', opening: 'x'.repeat(81), opensAt: '25:00' },
    });
    const [error] = errorsOf(answer);
    expect(error).toMatchObject({ path: ['createRule'], extensions: { code: 'BAD_USER_INPUT' } });
    expect(error?.extensions?.['faults']).toMatchObject([
      { path: ['input', 'userId'], code: 'EMPTY' },
      { path: ['input', 'name'], code: 'EMPTY' },
      { path: ['input', 'opening'], code: 'TOO_LONG' },
      { path: ['input', 'opensAt'], code: 'INVALID' },
      { path: ['input', 'closesAt'], code: 'HALF_HOURS' },
    ]);
    expect(JSON.stringify(answer)).not.toMatch(/http|127\.0\.0\.1/);
  });

  it('says what is unknown, taken and stale', async () => {
    const { id } = await create({ userId: 'refused' });
    const codeOf = async (operation: string) => errorsOf(await ask(platform.url, operation))[0]?.extensions;
    expect(await codeOf(`mutation { deleteRule(input: { id: "nobody" }) { rule { id } } }`)).toMatchObject({
      code: 'NOT_FOUND',
    });
    const again = await ask(platform.url, CREATE, { input: input({ userId: 'refused' }) });
    expect(errorsOf(again)[0]?.extensions?.['code']).toBe('CONFLICT');
    const stale = `mutation { updateRule(input: { id: "${id}", expectedVersion: 7, name: "x" }) { rule { id } } }`;
    expect(await codeOf(stale)).toMatchObject({ code: 'STALE_VERSION', version: 1 });
  });

  it('of a wrong page names each argument', async () => {
    const answer = await ask(platform.url, `{ rules(first: 0, last: 201, after: "x") { totalCount } }`);
    expect(errorsOf(answer)[0]).toMatchObject({ path: ['rules'], extensions: { code: 'BAD_USER_INPUT' } });
  });
});

describe('the clients', () => {
  it('graphql-ws: a mutation, a query and the change as a subscription, on one socket', async () => {
    const client = socketClient(platform.socketUrl);
    const changes = collect<{ ruleChanged: { kind: string; rule: Rule & { user: unknown } } }>(
      client,
      `subscription { ruleChanged(userId: "socket") { kind rule { id version user { id rules { totalCount } } } } }`,
    );
    // The subscription is on its way; until Redis has confirmed it, a change may pass unseen.
    await eventually(async () => {
      const channels = await platformChannels();
      expect(channels).toContain('seguridad:rule-changes');
    });
    await create({ userId: 'somebody else' });
    const results = [];
    for await (const result of client.iterate({
      query: CREATE,
      variables: { input: input({ userId: 'socket' }) },
    })) {
      results.push(result);
    }
    expect(results).toMatchObject([{ data: { createRule: { rule: { version: 1 } } } }]);
    const change = await changes.first(() => true);
    expect(change).toMatchObject({
      data: {
        ruleChanged: {
          kind: 'CREATED',
          rule: { version: 1, user: { id: 'socket', rules: { totalCount: 1 } } },
        },
      },
    });
    await ask(platform.url, `mutation ($id: ID!) { deleteRule(input: { id: $id }) { rule { id } } }`, {
      id: change.data?.ruleChanged.rule.id,
    });
    await changes.first(({ data }) => data?.ruleChanged.kind === 'DELETED');
    expect(changes.values).toHaveLength(2);
    changes.stop();
    await client.dispose();
    await eventually(async () => expect(await platformChannels()).not.toContain('seguridad:rule-changes'));
  });

  it('Apollo Client 4: queries and mutations over HTTP, health over a graphql-ws link', async () => {
    const socket = socketClient(platform.socketUrl);
    const client = new ApolloClient({
      cache: new InMemoryCache(),
      link: ApolloLink.split(
        ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
        new GraphQLWsLink(socket),
        new HttpLink({ uri: platform.url, headers: authorised(platform.url) }),
      ),
    });
    const { data } = await client.mutate({
      mutation: gql(CREATE),
      variables: { input: input({ userId: 'apollo' }) },
    });
    expect(data).toMatchObject({ createRule: { rule: { name: 'Shop door' } } });
    await eventually(async () => {
      const read = await client.query({
        query: gql(RULES),
        variables: { of: { userId: 'apollo' } },
        fetchPolicy: 'no-cache',
      });
      expect(read.data).toMatchObject({ rules: { totalCount: 1 } });
    });
    const seen = new Set<unknown>();
    await new Promise<void>((resolve, reject) => {
      client
        .subscribe<{ heartbeat: { name: string; status: string } }>({
          query: gql('subscription { heartbeat { name status } }'),
        })
        .subscribe({
          next({ data: payload }) {
            if (payload?.heartbeat.status === 'UP') seen.add(payload.heartbeat.name);
            if (seen.size === 4) resolve();
          },
          error: reject,
        });
    });
    client.stop();
    await socket.dispose();
  });
});

/** The pub/sub channels that somebody listens to. */
async function platformChannels(): Promise<string[]> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(platform.redis.url);
  try {
    return (await redis.pubsub('CHANNELS')) as string[];
  } finally {
    redis.disconnect();
  }
}
