import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { auditSummariesSchema, MAX_AUDIT_SUMMARIES, type AuditSummary } from '@seguridad-abc/contracts';
import { INSTALLATION_SECRET_HEADER } from '@seguridad-abc/platform';
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
let received: AuditSummary[];
let batchSizes: number[];
beforeEach(async () => {
  status = 204;
  received = [];
  batchSizes = [];
  monitoring = createServer((request, response) => {
    void json(request).then((body) => {
      expect(request).toMatchObject({ method: 'POST', url: '/audit/summaries' });
      expect(request.headers[INSTALLATION_SECRET_HEADER]).toBe('secret');
      const { summaries } = auditSummariesSchema.parse(body);
      batchSizes.push(summaries.length);
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
  vi.waitFor(() => expect(received).toEqual(summaries), { timeout: 10_000 });

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
    await vi.waitFor(() => expect(batchSizes.length).toBeGreaterThan(2), { timeout: 10_000 });
    send(createSummaries(100, MAX_WAITING_SUMMARIES));
    status = 204;
    await expectReceived(kept);
    await vi.waitFor(() => expect(logger.error).toHaveBeenCalledWith({ summaries: 100 }, expect.anything()));
    const later = createSummaries(1, 9_999);
    send(later);
    await expectReceived([...kept, ...later]);
    await close();
  });

  it('sends everything that is waiting when it closes', async () => {
    const { send, close, logger } = openSender();
    const summaries = createSummaries(450);
    send(summaries);
    await close();
    expect(received).toEqual(summaries);
    expect(logger.warn).not.toHaveBeenCalled();
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
