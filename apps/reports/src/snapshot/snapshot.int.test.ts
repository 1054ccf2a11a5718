import { readdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createUserPseudonym } from '@seguridad-abc/platform';
import { eventually, freePort } from '@seguridad-abc/platform/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { getReadModelFormat } from '../db/reports-database.js';
import { buildMixedEvent } from '../testing/mixed-log.js';
import { createOldReadModel, MIGRATIONS_BEFORE_HEARD_INSTANTS } from '../testing/old-read-model.js';
import { dumpReadModel } from '../testing/read-model-dump.js';
import { startTestPlatform, type TestCopy, type TestPlatform } from '../testing/test-platform.js';

const TIMING = { keepMs: 300, maxAgeMs: 60_000, idleMs: 5_000, retryMs: 10 };
/** Every log is long enough for a snapshot. */
const OVERRIDES = { minBulkEntries: 1, snapshotTiming: TIMING };
const LENGTH = 400;
/** Threads take seconds to start on a busy machine. */
const START_TIMEOUT_MS = 40_000;
vi.setConfig({ testTimeout: 60_000 });

let platform: TestPlatform;
let copy: TestCopy | undefined;
const peers: TestPeer[] = [];
beforeAll(async () => {
  platform = await startTestPlatform();
  await platform.start({}, OVERRIDES);
  await platform.monitoring.publish(...Array.from({ length: LENGTH }, (_, index) => buildMixedEvent(index)));
  await platform.waitForPosition(LENGTH);
});
afterAll(() => platform.close());
afterEach(async () => {
  await copy?.stop();
  copy = undefined;
  for (const peer of peers.splice(0)) peer.close();
  await eventually(() => expect(listSnapshotFiles()).toEqual([]));
});

const listSnapshotFiles = () => readdirSync(platform.folder).filter((name) => name.includes('snapshot'));
const getSnapshotUrl = (parameters: Record<string, string> = {}) => {
  const url = new URL('/snapshot', platform.url);
  url.search = new URLSearchParams({ format: getReadModelFormat(), log: 'log-1', ...parameters }).toString();
  return url;
};
const fetchSnapshot = (parameters?: Record<string, string>, headers: Record<string, string> = {}) =>
  eventually(async () => {
    const response = await fetch(getSnapshotUrl(parameters), { headers });
    expect(response.status).not.toBe(202);
    return response;
  });
const startCopy = async (
  settings: Record<string, string> = {},
  timing = {},
  prepare: (folder: string) => void = () => undefined,
) => {
  const overrides = { ...OVERRIDES, snapshotTiming: { ...TIMING, ...timing } };
  copy = await platform.startCopy(settings, overrides, prepare);
  return copy;
};
const untilReady = (instance: TestCopy, position = LENGTH) =>
  eventually(async () => {
    expect(await instance.getReadiness()).toMatchObject({ status: 200, checks: { position } });
  }, START_TIMEOUT_MS);
const dumpRows = (folder: string) => dumpReadModel(join(folder, 'reports.sqlite'));
const getDownloads = ({ logLines }: TestCopy) =>
  logLines.filter(({ msg }) => msg === 'a snapshot of the read model was downloaded');
const getRefusals = ({ logLines }: TestCopy) =>
  logLines
    .filter(({ msg }) => msg === 'a peer has no usable snapshot of the read model')
    .map(({ reason }) => reason);

interface TestPeer {
  readonly url: string;
  /** The header `range` of each request. */
  readonly ranges: (string | undefined)[];
  close(): void;
}

/** A peer between the instances: it passes requests on to the first one, and may spoil the responses. */
async function startPeer(answer: (response: ServerResponse, content: Buffer) => void): Promise<TestPeer> {
  const ranges: (string | undefined)[] = [];
  const pass = async (
    { url = '', headers: { range, 'if-range': ifRange } }: IncomingMessage,
    response: ServerResponse,
  ) => {
    const headers =
      range === undefined || ifRange === undefined ? {} : { range, 'if-range': String(ifRange) };
    const from = await fetch(new URL(url, platform.url), { headers });
    const content = await buffer((from.body ?? []) as AsyncIterable<Uint8Array>);
    response.statusCode = from.status;
    for (const name of ['etag', 'content-range', 'x-snapshot-log', 'x-snapshot-position', 'content-length'])
      if (from.headers.has(name)) response.setHeader(name, from.headers.get(name) ?? '');
    if (from.status === 202) response.end();
    else answer(response, content);
  };
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    void pass(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const peer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ranges,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  peers.push(peer);
  return peer;
}

describe('GET /snapshot', () => {
  it('returns a complete copy with its position and hash, or the rest of one, and removes it afterwards', async () => {
    const response = await fetchSnapshot();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-snapshot-log': 'log-1',
      'x-snapshot-position': String(LENGTH),
      'cache-control': 'no-store',
    });
    const content = Buffer.from(await response.arrayBuffer());
    expect(response.headers.get('content-length')).toBe(String(content.length));
    const etag = response.headers.get('etag') ?? '';
    const rest = await fetchSnapshot({}, { range: 'bytes=1000-', 'if-range': etag });
    expect(rest.status).toBe(206);
    expect(rest.headers.get('content-range')).toBe(`bytes 1000-${content.length - 1}/${content.length}`);
    expect(Buffer.from(await rest.arrayBuffer()).equals(content.subarray(1_000))).toBe(true);
    const other = await fetchSnapshot({}, { range: 'bytes=1000-', 'if-range': '"another"' });
    expect(other.status).toBe(200);
    await other.body?.cancel();
    await eventually(() => expect(listSnapshotFiles()).toEqual([]));
  });

  it('shares one copy between requests, while queries and the projection go on', async () => {
    const lines = () =>
      platform.logLines.filter(({ msg }) => msg === 'a snapshot of the read model was made').length;
    const before = lines();
    const responses = await Promise.all([fetchSnapshot(), fetchSnapshot(), fetchSnapshot()]);
    await Promise.all(responses.map((each) => each.arrayBuffer()));
    expect(new Set(responses.map(({ headers }) => headers.get('etag'))).size).toBe(1);
    expect(lines()).toBe(before + 1);
  });

  it.each([
    [{ format: '0.0' }, 409],
    [{ log: 'log-0' }, 409],
  ])('refuses %j', async (parameters, status) => {
    const response = await fetchSnapshot(parameters);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });

  it('refuses a copy that does not fit on the disk', async () => {
    copy = await platform.startCopy({ MIN_FREE_DISK_MB: '900000000', REPORTS_PEERS: '' });
    await untilReady(copy);
    const url = getSnapshotUrl();
    url.port = new URL(copy.url).port;
    const response = await fetch(url);
    expect(response.status).toBe(507);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'STORAGE_FULL' } }] });
  });
});

describe('a new instance', () => {
  it('begins with the snapshot of a peer, and continues with the log', async () => {
    const read: number[] = [];
    platform.monitoring.holdPage = (after) => void read.push(after);
    const instance = await startCopy({
      REPORTS_PEERS: `http://127.0.0.1:${await freePort()}, ${new URL(platform.url).origin}`,
    });
    await untilReady(instance);
    expect(getDownloads(instance)).toMatchObject([{ peer: new URL(platform.url).origin, position: LENGTH }]);
    expect(getRefusals(instance)).toEqual([expect.stringMatching(/it cannot be reached: .*ECONNREFUSED/)]);
    // It has read the beginning and the end of the log only.
    expect(read.filter((after) => after > 0 && after < LENGTH)).toEqual([]);
    expect(dumpRows(instance.folder)).toEqual(dumpRows(platform.folder));
    expect(readdirSync(instance.folder).filter((name) => name.includes('rebuild'))).toEqual([]);
  });

  it('continues a download that breaks off, where it broke off', async () => {
    let breaks = 0;
    const peer = await startPeer((response, content) => {
      breaks += 1;
      if (breaks > 3) return void response.end(content);
      // An error would discard what the client has not read yet.
      response.write(content.subarray(0, 20_000), () => setTimeout(() => response.destroy(), 100));
    });
    const instance = await startCopy({ REPORTS_PEERS: peer.url });
    await untilReady(instance);
    expect(getDownloads(instance)).toHaveLength(1);
    expect(peer.ranges.filter((range) => range !== undefined)).toEqual([
      'bytes=20000-',
      'bytes=40000-',
      'bytes=60000-',
    ]);
    expect(dumpRows(instance.folder)).toEqual(dumpRows(platform.folder));
  });

  it('uses no damaged snapshot, but that of the next peer', async () => {
    const peer = await startPeer((response, content) => {
      content[content.length - 5_000] = (content[content.length - 5_000] ?? 0) ^ 1;
      response.end(content);
    });
    const instance = await startCopy({ REPORTS_PEERS: `${peer.url},${new URL(platform.url).origin}` });
    await untilReady(instance);
    expect(getRefusals(instance)).toEqual(['its snapshot arrived damaged: it has another hash']);
    expect(getDownloads(instance)).toMatchObject([{ peer: new URL(platform.url).origin }]);
  });

  it('builds the read model from the log if no peer has a usable snapshot', async () => {
    // It is there, so that peers answer at once.
    await (await fetchSnapshot()).arrayBuffer();
    const silent = await startPeer(() => undefined);
    const foreign = await startPeer((response) => {
      response.removeHeader('etag');
      response.end('x');
    });
    const busy = await startPeer(
      (response) => void response.writeHead(503, { 'content-length': 4 }).end('busy'),
    );
    const instance = await startCopy(
      { REPORTS_PEERS: [silent, foreign, busy].map(({ url }) => url).join() },
      { idleMs: 1_000 },
    );
    await untilReady(instance);
    expect(getRefusals(instance)).toEqual([
      'it cannot be reached: it has sent nothing for 1 s',
      'it does not answer as reports does',
      'it answers with status 503: busy',
    ]);
    expect(getDownloads(instance)).toEqual([]);
    expect(dumpRows(instance.folder)).toEqual(dumpRows(platform.folder));
  });

  it('prefers a snapshot to a rebuild if its read model is of another version, and answers meanwhile', async () => {
    const instance = await startCopy({}, {}, (folder) => {
      createOldReadModel(join(folder, 'reports.sqlite'), MIGRATIONS_BEFORE_HEARD_INSTANTS)
        .exec(`insert into checkpoint (id, log_id, position) values (1, 'log-1', ${LENGTH - 1})`)
        .close();
    });
    await eventually(() => expect(getDownloads(instance)).toHaveLength(1));
    await untilReady(instance);
    expect(instance.logLines.map(({ msg }) => msg)).toContain('the read model was built again');
    expect(dumpRows(instance.folder)).toEqual(dumpRows(platform.folder));
  });

  it('continues the file of a backup in its data folder, without a peer', async () => {
    const content = await (await fetchSnapshot()).arrayBuffer();
    await platform.monitoring.publish(...Array.from({ length: 20 }, (_, index) => buildMixedEvent(index)));
    await platform.waitForPosition(LENGTH + 20);
    const instance = await startCopy({ REPORTS_PEERS: '' }, {}, (folder) => {
      writeFileSync(join(folder, 'reports.sqlite'), Buffer.from(content));
    });
    await untilReady(instance, LENGTH + 20);
    expect(instance.logLines.map(({ msg }) => msg)).not.toContain('the read model was built again');
    expect(dumpRows(instance.folder)).toEqual(dumpRows(platform.folder));
  });
});

it('the erasure of a user removes the snapshot, which has data of the user', async () => {
  const discarded = await fetchSnapshot();
  await discarded.arrayBuffer();
  expect(listSnapshotFiles()).not.toEqual([]);
  const salt = 'c2FsdA';
  const data = { pseudonym: createUserPseudonym(salt, 'ana'), salt };
  const [entry] = await platform.monitoring.publish({ type: 'UserErased', version: 1, data });
  const { position = 0 } = entry ?? {};
  await platform.waitForPosition(position);
  expect(listSnapshotFiles()).toEqual([]);
  const next = await fetchSnapshot();
  expect(next.headers.get('x-snapshot-position')).toBe(String(position));
  expect(Buffer.from(await next.arrayBuffer()).includes('ana')).toBe(false);
});
