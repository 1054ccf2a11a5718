import type { Actor } from '@seguridad-abc/contracts';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectPayloads, createTestCaller, type TestCaller } from './harness/graphql-clients.js';
import { startTestPlatform, type TestPlatform } from './harness/test-platform.js';

/*
 * What customers receive must not show where the event log of all customers ends: they would see the moments at which the
 * doors of others move.
 */

const CREATE = 'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }';
const RECORD = `mutation ($input: RecordReadingsInput!) {
  recordReadings(input: $input) { accepted refused { code } }
}`;
const DELETE_UNKNOWN = 'mutation { deleteRule(input: { id: "unknown" }) { rule { id } } }';
/** All bytes of a sealed text, except the first three, which identify the installation. */
const getSecretBytes = (text: string) => Buffer.from(text, 'base64url').subarray(3);

let platform: TestPlatform;
let ana: TestCaller, ben: TestCaller;
beforeAll(async () => {
  platform = await startTestPlatform();
  const createCaller = (id: string) => createTestCaller(platform, { id, role: 'customer' } satisfies Actor);
  [ana, ben] = await Promise.all([createCaller('ana'), createCaller('ben')]);
});
afterAll(async () => {
  for (const { webSocketClient } of [ana, ben]) await webSocketClient.dispose();
  await platform.close();
});

let readings = 0;
/** Ana's door opens: an event that Ben must not notice. */
async function moveDoorOfAna() {
  readings += 1;
  const at = new Date(Date.now() - 60_000 + readings).toISOString();
  const reading = { id: `reading ${readings}`, opening: 'Door', state: readings % 2 ? 'OPEN' : 'CLOSED', at };
  const { data } = await ana.execute(RECORD, { input: { readings: [reading] } });
  expect(data).toStrictEqual({ recordReadings: { accepted: 1, refused: [] } });
}

/** Sends a command that is refused, and returns the whole response: status, headers, body. */
async function sendRefusedCommand() {
  const authorization = await platform.createAuthorization({ id: 'ben', role: 'customer' });
  const response = await fetch(platform.url, {
    method: 'POST',
    headers: {
      authorization,
      'content-type': 'application/json',
      'x-correlation-id': 'refused-command',
    },
    body: JSON.stringify({ query: DELETE_UNKNOWN }),
  });
  const text = await response.text();
  const token = response.headers.get('x-consistency-token') ?? '';
  const headers = [...response.headers].filter(([name]) => name !== 'date');
  return {
    token,
    /** The response without its token. */
    rest: JSON.stringify([response.status, headers, text]).replaceAll(token, 'TOKEN'),
  };
}

describe('a customer whose command is refused', () => {
  it('cannot tell from two responses whether another customer has written between them', async () => {
    const first = await sendRefusedCommand();
    const quiet = await sendRefusedCommand();
    await moveDoorOfAna();
    const disturbed = await sendRefusedCommand();
    expect(first.token).toMatch(/^[\w-]{100,}$/);
    for (const { token, rest } of [quiet, disturbed]) {
      expect(rest).toBe(first.rest);
      expect(token).toHaveLength(first.token.length);
    }
    // The tokens have no more bytes in common without an event between them than with one.
    const pairs = [
      [first, quiet],
      [quiet, disturbed],
    ] as const;
    for (const [one, other] of pairs) {
      const [bytes, otherBytes] = [getSecretBytes(one.token), getSecretBytes(other.token)];
      const equal = bytes.filter((byte, index) => byte === otherBytes[index]);
      expect(equal.length).toBeLessThan(bytes.length / 10);
    }
  });
});

describe('cursors', () => {
  const RULES =
    'query ($after: String) { rules(first: 1, after: $after) { edges { cursor node { name } } } }';
  interface Rules {
    readonly rules: { readonly edges: readonly { cursor: string; node: { name: string } }[] };
  }
  const createRule = async (name: string) => {
    const input = { name, opening: 'Window', maxOpenSeconds: 60 };
    expect((await ben.execute(CREATE, { input })).errors).toBeUndefined();
  };

  it('of rules continue a list, and do not show how many events were between two rules', async () => {
    await createRule('first');
    for (let count = 0; count < 5; count++) await moveDoorOfAna();
    await createRule('second');
    const read = async (after?: string) => {
      const { data } = await ben.execute<Rules>(RULES, after === undefined ? {} : { after });
      return data?.rules.edges[0];
    };
    const second = await eventually(async () => {
      const edge = await read();
      if (edge?.node.name !== 'second') throw new Error('The rule is not projected yet.');
      return edge;
    });
    const first = await read(second.cursor);
    expect(first?.node.name).toBe('first');
    expect(first?.cursor).toHaveLength(second.cursor.length);
    // A cursor is stable, for the caches of clients.
    expect((await read())?.cursor).toBe(second.cursor);
    expect(Buffer.from(second.cursor, 'base64url').includes('rule')).toBe(false);
  });

  it('of one list or subscription are refused by another one, with the path of the argument', async () => {
    const { data } = await ben.execute<Rules>(RULES);
    const after = data?.rules.edges[0]?.cursor ?? '';
    const alarms = await ben.execute('query ($after: String) { alarms(after: $after) { totalCount } }', {
      after,
    });
    const fault = { code: 'BAD_USER_INPUT', faults: [{ path: ['after'], code: 'INVALID' }] };
    expect(alarms.errors).toMatchObject([{ path: ['alarms'], extensions: fault }]);
    const query = 'subscription ($after: String) { alarmChanged(after: $after) { kind } }';
    const subscription = collectPayloads(ben.webSocketClient, query, { after });
    await expect(subscription.ended).rejects.toThrow('after is not a cursor of this subscription');
  });

  it('of alarmChanged have one length and resume', async () => {
    const query = 'subscription ($after: String) { alarmChanged(after: $after) { kind alarm { opening } } }';
    interface Changes {
      readonly alarmChanged: { readonly kind: string };
    }
    const live = collectPayloads<Changes>(ben.webSocketClient, query);
    const raise = async (id: string) => {
      const at = new Date(Date.now() - 600_000).toISOString();
      const reading = { id, opening: 'Window', state: 'OPEN', at };
      await ben.execute(RECORD, { input: { readings: [reading] } });
      const closed = { id: `${id} closed`, opening: 'Window', state: 'CLOSED', at: new Date().toISOString() };
      await ben.execute(RECORD, { input: { readings: [closed] } });
    };
    await createRule('third');
    // The subscription may not have begun, so readings are sent until it delivers a change.
    await eventually(async () => {
      await raise(`reading ${Math.random()}`);
      expect(live.payloads.length).toBeGreaterThan(1);
    });
    const cursors = live.payloads.map(({ extensions }) => extensions?.['cursor'] as string | undefined);
    expect(new Set(cursors.map((cursor) => cursor?.length)).size).toBe(1);
    expect(cursors[0]).toMatch(/^[\w-]{100,}$/);
    const resumed = collectPayloads<Changes>(ben.webSocketClient, query, { after: cursors[0] });
    await resumed.waitFor(({ data }) => data?.alarmChanged.kind !== undefined);
    for (const subscription of [live, resumed]) subscription.unsubscribe();
  });
});
