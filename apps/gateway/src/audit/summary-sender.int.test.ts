import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import {
  auditSummariesSchema,
  MAX_AUDIT_SUMMARIES,
  type AuditBatch,
  type AuditSummary,
} from '@seguridad-abc/contracts';
import { INSTALLATION_SECRET_HEADER } from '@seguridad-abc/platform';
import { eventually, freePort } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRefusalRecorder } from './refusal-recorder.js';
import { createServiceClient } from '../supergraph/service-client.js';
import { createSummarySender, MAX_WAITING_SUMMARIES } from './summary-sender.js';

const AT = '2026-01-31T08:00:00.000Z';
const createSummaries = (count: number, start = 0): AuditSummary[] =>
  Array.from({ length: count }, (_, index) => ({
    action: 'viewer',
    outcome: 'FORBIDDEN',
    role: 'customer',
    actor: `user ${start + index}`,
    address: '192.0.2.1',
    userId: null,
    subject: null,
    count: 1,
    firstAt: AT,
    lastAt: AT,
  }));

/** The route of monitoring that stores summaries. */
let monitoring: Server;
let status: number;
/** A batch with this actor is refused with 400. */
let refusedActor: string | undefined;
let received: AuditSummary[];
let batchSizes: number[];
let batchIds: AuditBatch[];
/** Stores the summaries, but its answers are lost. */
let losesAnswers: boolean;
beforeEach(async () => {
  status = 204;
  refusedActor = undefined;
  received = [];
  batchSizes = [];
  batchIds = [];
  losesAnswers = false;
  monitoring = createServer((request, response) => {
    void json(request).then((body) => {
      expect(request).toMatchObject({ method: 'POST', url: '/audit/summaries' });
      expect(request.headers[INSTALLATION_SECRET_HEADER]).toBe('secret');
      const { summaries, id } = auditSummariesSchema.parse(body);
      if (id) batchIds.push(id);
      if (losesAnswers) {
        received.push(...summaries);
        request.socket.destroy();
        return;
      }
      batchSizes.push(summaries.length);
      if (summaries.some(({ actor }) => actor === refusedActor)) {
        response.writeHead(400).end();
        return;
      }
      if (status === 204) received.push(...summaries);
      response.writeHead(status).end();
    });
  }).listen(0, '127.0.0.1');
  await once(monitoring, 'listening');
});
afterEach(() => void monitoring.close());

function openSender() {
  const { port } = monitoring.address() as AddressInfo;
  const logger = { warn: vi.fn(), error: vi.fn() };
  const sender = createSummarySender({
    monitoring: createServiceClient('monitoring', () => [`http://127.0.0.1:${port}/graphql`], {
      [INSTALLATION_SECRET_HEADER]: 'secret',
    }),
    logger,
    retryDelayMs: 10,
  });
  return { ...sender, logger };
}

const expectReceived = (summaries: readonly AuditSummary[]) =>
  eventually(() => expect(received).toEqual(summaries));

describe('the sender of refusals', () => {
  it('sends in batches that monitoring accepts, in order', async () => {
    const { send, close } = openSender();
    const summaries = createSummaries(450);
    for (const summary of summaries) send([summary]);
    await expectReceived(summaries);
    expect(batchSizes).toEqual([MAX_AUDIT_SUMMARIES, MAX_AUDIT_SUMMARIES, 50]);
    await close();
  });

  it('tries again while monitoring is down, and keeps a limited number', async () => {
    status = 503;
    const { send, close, logger } = openSender();
    const kept = createSummaries(MAX_WAITING_SUMMARIES);
    send(kept);
    await eventually(() => expect(batchSizes.length).toBeGreaterThan(2));
    send(createSummaries(100, MAX_WAITING_SUMMARIES));
    status = 204;
    await expectReceived(kept);
    await eventually(() => expect(logger.error).toHaveBeenCalledWith({ summaries: 100 }, expect.anything()));
    const later = createSummaries(1, 9_999);
    send(later);
    await expectReceived([...kept, ...later]);
    await close();
  });

  it('drops a batch that monitoring does not accept, and sends the later ones', async () => {
    refusedActor = 'user 1';
    const { send, close, logger } = openSender();
    const summaries = createSummaries(MAX_AUDIT_SUMMARIES + 3);
    send(summaries);
    await expectReceived(summaries.slice(MAX_AUDIT_SUMMARIES));
    await eventually(() =>
      expect(logger.error).toHaveBeenCalledWith({ summaries: MAX_AUDIT_SUMMARIES }, expect.anything()),
    );
    expect(batchSizes).toEqual([MAX_AUDIT_SUMMARIES, 3]);
    await close();
  });

  it('repeats a batch unchanged and with its number, also if more summaries wait', async () => {
    losesAnswers = true;
    const { send, close } = openSender();
    send(createSummaries(1));
    await vi.waitFor(() => expect(received).not.toHaveLength(0), { timeout: 10_000 });
    send(createSummaries(2, 1));
    await vi.waitFor(() => expect(batchIds.length).toBeGreaterThan(2), { timeout: 10_000 });
    expect(new Set(received.map(({ actor }) => actor))).toStrictEqual(new Set(['user 0']));
    received = [];
    losesAnswers = false;
    await expectReceived(createSummaries(3));
    await close();
    const last = batchIds.at(-1);
    expect(last?.batch).toBe(2);
    for (const id of batchIds.slice(0, -1)) expect(id).toStrictEqual({ ...last, batch: 1 });
  });

  it('sends everything that is waiting when it closes', async () => {
    const { send, close, logger } = openSender();
    const summaries = createSummaries(450);
    send(summaries);
    await close();
    expect(received).toEqual(summaries);
    expect(logger.warn).not.toHaveBeenCalled();
  });

  it('sends a batch to another instance if the first one is down, but not if its answer is late', async () => {
    const { port } = monitoring.address() as AddressInfo;
    let hung = 0;
    const hanging = createServer(() => (hung += 1)).listen(0, '127.0.0.1');
    await once(hanging, 'listening');
    const urls = [hanging.address() as AddressInfo, { port }].map((each) => `http://127.0.0.1:${each.port}`);
    const client = createServiceClient('monitoring', () => urls, { [INSTALLATION_SECRET_HEADER]: 'secret' });
    const send = (timeoutMs: number) =>
      client.send({
        path: '/audit/summaries',
        body: { summaries: createSummaries(1) },
        read: (response) => response.arrayBuffer(),
        timeoutMs,
      });
    await expect(send(100)).rejects.toThrow();
    expect([hung, received.length]).toEqual([1, 0]);
    // The next attempt does not wait for the instance that hangs.
    await send(10_000);
    expect([hung, received.length]).toEqual([1, 1]);
    hanging.closeAllConnections();
    hanging.close();
    // The instance that answered last is the second one.
    urls.splice(0, 2, `http://127.0.0.1:${port}`, `http://127.0.0.1:${await freePort()}`);
    await send(10_000);
    expect(received).toHaveLength(2);
  });

  it('logs how many are missing if it cannot send them when it closes', async () => {
    status = 503;
    const { send, close, logger } = openSender();
    send(createSummaries(3));
    await close();
    expect(logger.warn).toHaveBeenCalledWith(expect.objectContaining({ summaries: 3 }), expect.anything());
  });

  it('does not grow when 100,000 identities are refused', async () => {
    status = 503;
    const { send, close } = openSender();
    const recorder = createRefusalRecorder(send);
    for (let i = 0; i < 100_000; i++)
      recorder.record({ extensions: { code: 'RATE_LIMITED' } }, `field ${i}`, {
        caller: { id: `user ${i}`, role: 'customer' },
        address: `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`,
      });
    recorder.flush();
    status = 204;
    await close();
    expect(received.length).toBeLessThanOrEqual(MAX_AUDIT_SUMMARIES + 1);
    expect(received.reduce((sum, { count }) => sum + count, 0)).toBe(100_000);
  });
});
