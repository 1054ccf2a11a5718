import { createLightAbortController } from '@seguridad-abc/executor';
import { formatConsistencyToken } from '@seguridad-abc/contracts';
import { recordLogs } from '@seguridad-abc/platform/testing';
import { expect, test } from 'vitest';
import { requestContextFactory } from './request-context.js';

const { logger, lines } = recordLogs();
const token = { logId: 'log', position: 5, at: 1 };
const context = requestContextFactory(logger)({
  correlationId: 'caller-12345678',
  credentials: () => ({ caller: undefined, headers: { authorization: 'Bearer x' } }),
  mustSee: undefined,
  signal: createLightAbortController().signal,
  isShared: false,
});

test('what goes wrong in an operation is logged, and sent on, under its correlation id', () => {
  context.logger?.().warn({}, 'a subgraph gave no answer');
  expect(lines).toMatchObject([{ level: 'warn', correlationId: 'caller-12345678' }]);
  expect(context.traceHeaders?.()).toStrictEqual({ 'x-correlation-id': 'caller-12345678' });
});

test('subgraphs are asked for what the operation itself has written so far', () => {
  expect(context.headers()).toStrictEqual({ authorization: 'Bearer x' });
  context.onExtensions?.({ consistencyToken: formatConsistencyToken(token) });
  expect(context.headers()).toStrictEqual({
    authorization: 'Bearer x',
    'x-consistency-token': formatConsistencyToken(token),
  });
});
