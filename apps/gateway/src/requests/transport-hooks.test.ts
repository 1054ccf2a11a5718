import { formatConsistencyToken } from '@seguridad-abc/contracts';
import { createLightAbortController } from '@seguridad-abc/executor';
import { recordLogs } from '@seguridad-abc/platform/testing';
import { expect, test } from 'vitest';
import { createRequestContext } from './transport-hooks.js';

const { logger, lines } = recordLogs();
const token = { logId: 'log', position: 5, at: 1 };
const context = createRequestContext(
  {
    correlationId: 'caller-12345678',
    clientAddress: '192.0.2.1',
    credentials: () => ({ caller: undefined, headers: { authorization: 'Bearer x' } }),
    signal: createLightAbortController().signal,
    isShareable: false,
  },
  logger,
);

test('log lines and subgraph requests carry the correlation id and the address of the client', () => {
  context.logger?.().warn('a subgraph did not respond');
  expect(lines).toMatchObject([{ level: 'warn', correlationId: 'caller-12345678' }]);
  expect(context.traceHeaders?.()).toStrictEqual({
    'x-correlation-id': 'caller-12345678',
    'x-abc-client-address': '192.0.2.1',
  });
});

test('subgraph requests carry the consistency token of the operation’s own commands', () => {
  expect(context.headers()).toStrictEqual({ authorization: 'Bearer x' });
  context.onExtensions?.({ consistencyToken: formatConsistencyToken(token) });
  expect(context.headers()).toStrictEqual({
    authorization: 'Bearer x',
    'x-consistency-token': formatConsistencyToken(token),
  });
});
