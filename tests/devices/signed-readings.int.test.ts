import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { createGatewayService } from '@seguridad-abc/gateway';
import { readTestGatewayConfig } from '@seguridad-abc/gateway/testing';
import { createMonitoringService, readMonitoringConfig } from '@seguridad-abc/monitoring';
import { createDeviceIdentity, issueEmbeddedToken, type TokenSubject } from '@seguridad-abc/platform';
import { freePort, startRedis, temporaryFolder, type TestRedis } from '@seguridad-abc/platform/testing';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import WebSocket from 'ws';
import { executeOperation, getErrorCodes, type GraphQLResult } from '../harness/graphql-clients.js';
import { signRequest, type DeviceSignatureOptions } from '../harness/sign-request.js';

const REGISTER = `mutation ($input: RegisterDeviceInput!) {
  registerDevice(input: $input) { device { id name user { id } openings createdAt lastSeenAt revokedAt } key }
}`;
const REVOKE = `mutation ($input: RevokeDeviceInput!) {
  revokeDevice(input: $input) { device { id revokedAt lastSeenAt repeatedRequests } }
}`;
const RECORD = `mutation ($input: RecordReadingsInput!) {
  recordReadings(input: $input) { accepted duplicates refused { code } }
}`;

interface RegisteredDevice {
  readonly device: { readonly id: string; readonly openings: string[] | null };
  readonly key: string;
}
interface Recorded {
  readonly recordReadings: { readonly accepted: number; readonly duplicates: number } | null;
}

let redis: TestRedis;
const folder = temporaryFolder();
/** The endpoints of two gateways of one installation. */
const urls: string[] = [];
const stops: (() => Promise<void>)[] = [];
let operator: Record<string, string>;

beforeAll(async () => {
  redis = await startRedis();
  const MONITORING_PORT = String(await freePort());
  const settings = { REDIS_URL: redis.url, DATA_DIR: folder.path, LOG_LEVEL: 'silent', MONITORING_PORT };
  const services = [createMonitoringService(readMonitoringConfig({ ...settings, DEVICE_TOKENS: 'bound' }))];
  for (let i = 0; i < 2; i++) {
    const port = String(await freePort());
    services.push(createGatewayService(readTestGatewayConfig({ ...settings, GATEWAY_PORT: port })));
    urls.push(`http://127.0.0.1:${port}/graphql`);
  }
  for (const service of services) {
    await service.start();
    stops.unshift(() => service.stop());
  }
  operator = await authorize({ id: 'olga', role: 'operator' });
});
afterAll(async () => {
  for (const stop of stops) await stop();
  await redis.close();
  folder.remove();
});

const authorize = async (subject: TokenSubject) => ({
  authorization: `Bearer ${await issueEmbeddedToken(folder.path, subject, 3_600_000)}`,
});

const execute = <Data>(query: string, input: object, headers: Record<string, string>) =>
  executeOperation<Data>(urls[0]!, query, { input }, { headers });

async function register(openings: string[] | null, userId = 'ana'): Promise<RegisteredDevice> {
  const input = { userId, openings, name: 'Sensor' };
  const { data, errors } = await execute<{ registerDevice: RegisteredDevice }>(REGISTER, input, operator);
  if (!data) throw new Error(JSON.stringify(errors));
  return data.registerDevice;
}

const createReading = (opening: string, id: string = randomUUID()) => ({
  id,
  opening,
  state: 'OPEN',
  at: new Date().toISOString(),
});
const createBody = (...openings: string[]) =>
  JSON.stringify({
    query: RECORD,
    variables: { input: { readings: openings.map((name) => createReading(name)) } },
  });

interface SentResult extends GraphQLResult<Recorded> {
  readonly status: number;
}

async function send(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
  url = urls[0]!,
): Promise<SentResult> {
  const response = await fetch(url, { method: 'POST', headers, body });
  return { ...((await response.json()) as GraphQLResult<Recorded>), status: response.status };
}

const sendSigned = (body: string, signature: DeviceSignatureOptions, url?: string) =>
  send(body, signRequest(body, signature), url);

const now = () => Math.floor(Date.now() / 1_000);

describe('registerDevice', () => {
  it('returns the device and a key that only this installation can derive', async () => {
    const { device, key } = await register(['Door']);
    expect(device).toMatchObject({
      name: 'Sensor',
      user: { id: 'ana' },
      openings: ['Door'],
      lastSeenAt: null,
      revokedAt: null,
    });
    const other = createDeviceIdentity(() => 'the secret of another installation');
    const body = createBody('Door');
    expect(getErrorCodes(await sendSigned(body, { device, key: other.deriveKey(device.id) }))).toStrictEqual([
      'TAMPERED',
    ]);
    expect((await sendSigned(body, { device, key })).data?.recordReadings?.accepted).toBe(1);
  });

  it('is for operators only', async () => {
    const customer = await authorize({ id: 'ana', role: 'customer' });
    const input = { userId: 'ana', openings: ['Door'], name: 'Mine' };
    expect(getErrorCodes(await execute(REGISTER, input, customer))).toStrictEqual(['FORBIDDEN']);
  });
});

describe('a signed request', () => {
  let registered: RegisteredDevice;
  beforeAll(async () => void (registered = await register(['Door', 'Window'])));

  it('records readings for the user of the device', async () => {
    const body = createBody('Door', 'Window');
    expect(await sendSigned(body, registered)).toMatchObject({
      status: 200,
      data: { recordReadings: { accepted: 2, duplicates: 0, refused: [] } },
    });
  });

  it('is verified over the bytes as they are sent, also if they are compressed', async () => {
    const compressed = gzipSync(createBody('Door'));
    const headers = { ...signRequest(compressed, registered), 'content-encoding': 'gzip' };
    expect((await send(compressed, headers)).data?.recordReadings?.accepted).toBe(1);

    const body = createBody('Door');
    const ofText = { ...signRequest(body, registered), 'content-encoding': 'gzip' };
    expect(getErrorCodes(await send(gzipSync(body), ofText))).toStrictEqual(['TAMPERED']);
  });

  it('is TAMPERED if one byte of its body has changed', async () => {
    const body = createBody('Door');
    const headers = signRequest(body, registered);
    expect(await send(body.replace('OPEN', 'OPEM'), headers)).toMatchObject({
      status: 401,
      errors: [{ extensions: { code: 'TAMPERED' } }],
    });
    // White space is part of the body too.
    expect(getErrorCodes(await send(`${body} `, headers))).toStrictEqual(['TAMPERED']);
    expect((await send(body, headers)).data?.recordReadings?.accepted).toBe(1);
  });

  it('is TAMPERED, and not unknown, if its device does not exist', async () => {
    const body = createBody('Door');
    expect(
      getErrorCodes(await sendSigned(body, { device: { id: randomUUID() }, key: registered.key })),
    ).toStrictEqual(['TAMPERED']);
  });

  it.each([-310, 310])('is REPLAYED if its time differs by %i s from the clock', async (seconds) => {
    const signature = { ...registered, signedAt: now() + seconds };
    expect(await sendSigned(createBody('Door'), signature)).toMatchObject({
      status: 401,
      errors: [{ extensions: { code: 'REPLAYED' } }],
    });
  });

  it('is answered with duplicates and counted if it is sent again, also to another gateway', async () => {
    const device = await register(['Door']);
    const body = createBody('Door', 'Door');
    const signedAt = now();
    const headers = signRequest(body, { ...device, signedAt });
    expect((await send(body, headers)).data?.recordReadings).toMatchObject({ accepted: 2, duplicates: 0 });
    for (const url of urls) {
      expect((await send(body, headers, url)).data?.recordReadings).toMatchObject({
        accepted: 0,
        duplicates: 2,
      });
    }
    // Another signature of the same body is another request.
    await sendSigned(body, { ...device, signedAt: signedAt - 1 });
    const { data } = await execute<{ revokeDevice: { device: Record<string, unknown> } }>(
      REVOKE,
      { id: device.device.id },
      operator,
    );
    expect(data?.revokeDevice.device).toMatchObject({ repeatedRequests: 2 });
    const { lastSeenAt } = data!.revokeDevice.device;
    expect(Math.abs(Date.parse(lastSeenAt as string) - Date.now())).toBeLessThan(60_000);
  });

  it('is refused as soon as its device is revoked', async () => {
    const device = await register(['Door']);
    const body = createBody('Door');
    await execute(REVOKE, { id: device.device.id }, operator);
    for (const url of urls) {
      expect(getErrorCodes(await sendSigned(body, device, url))).toStrictEqual(['UNAUTHENTICATED']);
    }
  });

  it('records nothing if one reading is of an opening that is not its own', async () => {
    const foreign = await sendSigned(createBody('Door', 'Safe', 'Window'), registered);
    expect(foreign).toMatchObject({
      errors: [
        {
          path: ['recordReadings'],
          extensions: { code: 'FORBIDDEN', faults: [{ path: ['input', 'readings', 1, 'opening'] }] },
        },
      ],
    });
    const readings = [createReading('Door')];
    const input = { userId: 'ben', readings };
    const body = JSON.stringify({ query: RECORD, variables: { input } });
    expect(getErrorCodes(await sendSigned(body, registered))).toStrictEqual(['FORBIDDEN']);
  });

  it('of a device without openings may record readings of every opening of its user', async () => {
    const device = await register(null);
    expect((await sendSigned(createBody('Safe', 'New'), device)).data?.recordReadings?.accepted).toBe(2);
  });

  it('refuses readings that are too late', async () => {
    const at = new Date(Date.now() - 25 * 3_600_000).toISOString();
    const input = { readings: [{ ...createReading('Door'), at }] };
    const body = JSON.stringify({ query: RECORD, variables: { input } });
    expect((await sendSigned(body, registered)).data?.recordReadings).toMatchObject({
      accepted: 0,
      refused: [{ code: 'READING_TOO_LATE' }],
    });
  });

  it.each([
    ['a query', '{ viewer { id } }'],
    ['another command', 'mutation { revokeDevice(input: { id: "x" }) { device { id } } }'],
    [
      'two commands',
      'mutation { a: recordReadings(input: { readings: [] }) { accepted } b: recordReadings(input: { readings: [] }) { accepted } }',
    ],
  ])('may not contain %s', async (_, query) => {
    expect(getErrorCodes(await sendSigned(JSON.stringify({ query }), registered))).toStrictEqual([
      'FORBIDDEN',
    ]);
  });

  it('cannot be sent over GET, whose parameters are not signed', async () => {
    const { 'content-type': type, ...headers } = signRequest('', registered);
    const response = await fetch(`${urls[0]!}?query={__typename}`, {
      headers: { ...headers, 'content-type': type! },
    });
    expect(response.status).toBe(405);
  });

  it('may be as large as a request without a token', async () => {
    const body = JSON.stringify({ query: RECORD, x: 'x'.repeat(65_536) });
    expect(await sendSigned(body, registered)).toMatchObject({ status: 413 });
  });

  it('needs well-formed headers, and no token beside the signature', async () => {
    const body = createBody('Door');
    const headers = signRequest(body, registered);
    for (const wrong of [
      { ...headers, 'x-abc-signature': 'v1=0' },
      { ...headers, 'x-abc-device': '' },
      { ...headers, ...operator },
    ]) {
      expect(await send(body, wrong)).toMatchObject({
        status: 401,
        errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
      });
    }
  });
});

test('the headers of a signature do not authenticate a WebSocket', async () => {
  const registered = await register(['Door']);
  const socket = new WebSocket(urls[0]!.replace('http', 'ws'), 'graphql-transport-ws', {
    headers: signRequest('', registered),
  });
  const code = await new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    socket.on('close', resolve);
  });
  expect(code).toBe(4403);
});

describe('the token of a device', () => {
  const record = async (subject: TokenSubject, ...openings: string[]) => {
    const input = { readings: openings.map((name) => createReading(name)) };
    return execute<Recorded>(RECORD, input, await authorize(subject));
  };
  const sensor = { id: 'ana', role: 'device' } as const;

  it('is bound to the openings of its claim', async () => {
    const subject = { ...sensor, openings: ['Door', 'Álamo'] };
    expect((await record(subject, 'Door', 'Álamo')).data?.recordReadings?.accepted).toBe(2);
    expect(getErrorCodes(await record(subject, 'Door', 'Safe'))).toStrictEqual(['FORBIDDEN']);
  });

  it('is bound to the openings of its registered device, until that is revoked', async () => {
    const { device } = await register(['Door']);
    const subject = { ...sensor, device: device.id };
    expect((await record(subject, 'Door')).data?.recordReadings?.accepted).toBe(1);
    expect(getErrorCodes(await record(subject, 'Safe'))).toStrictEqual(['FORBIDDEN']);
    expect(getErrorCodes(await record({ ...subject, openings: ['Safe'] }, 'Safe'))).toStrictEqual([
      'FORBIDDEN',
    ]);
    expect(getErrorCodes(await record({ ...subject, id: 'ben' }, 'Door'))).toStrictEqual(['UNAUTHENTICATED']);
    await execute(REVOKE, { id: device.id }, operator);
    expect(getErrorCodes(await record(subject, 'Door'))).toStrictEqual(['UNAUTHENTICATED']);
  });

  it('is refused with DEVICE_TOKENS=bound if it is bound to nothing', async () => {
    expect(getErrorCodes(await record(sensor, 'Door'))).toStrictEqual(['FORBIDDEN']);
  });

  it('of another role is not bound by these claims', async () => {
    const customer = { id: 'ana', role: 'customer', openings: ['Door'] } as const;
    expect((await record(customer, 'Safe')).data?.recordReadings?.accepted).toBe(1);
  });
});

test('a client over WebSocket records readings of its openings with a token', async () => {
  const { authorization } = await authorize({ id: 'ana', role: 'device', openings: ['Door'] });
  const client = createClient({
    url: urls[0]!.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
  });
  const variables = { input: { readings: [createReading('Safe')] } };
  for await (const result of client.iterate({ query: RECORD, variables })) {
    expect(result.errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
  }
  await client.dispose();
});
