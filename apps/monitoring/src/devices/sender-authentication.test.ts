import type { AuditSummary, DeviceState } from '@seguridad-abc/contracts';
import { createAuditSummaries, createDeviceIdentity, type Caller } from '@seguridad-abc/platform';
import { recordLogs } from '@seguridad-abc/platform/testing';
import { expect, test } from 'vitest';
import { createSenderAuthentication } from './sender-authentication.js';

const AT = '2026-01-31T10:00:00.000Z';
const device: DeviceState = {
  id: 'sensor',
  userId: 'ana',
  name: 'Sensor',
  openings: null,
  createdAt: AT,
  revokedAt: AT,
  updatedAt: AT,
  version: 2,
};
const deviceIdentity = createDeviceIdentity(() => 'a secret of one installation, long enough');
const headers = { 'x-abc-client-address': '192.0.2.1' };

function authenticate(caller: Omit<Caller, 'expiresAt'>) {
  const recorded: AuditSummary[] = [];
  const authentication = createSenderAuthentication({
    identity: { authenticate: () => ({ expiresAt: Infinity, ...caller }) },
    deviceIdentity,
    findDevice: (id) => Promise.resolve(id === device.id ? device : undefined),
    activity: { recordRequest: () => undefined, recordSignedRequest: () => undefined },
    allowsUnboundDeviceTokens: false,
    auditSummaries: createAuditSummaries({ emit: (summaries) => recorded.push(...summaries), now: () => AT }),
    logger: recordLogs().logger,
  });
  return { authentication, recorded };
}

test.each([
  ['sensor', 'ana'],
  ['unknown', null],
])('a signed request of the revoked or unknown device %s is in the audit trail', async (deviceId, userId) => {
  const { authentication, recorded } = authenticate({ id: 'ana', role: 'device' });
  const assertion = await deviceIdentity.issueAssertion({ deviceId, signedAt: 1, bodyHash: 'h' });
  await expect(authentication(assertion, headers)).rejects.toMatchObject({
    extensions: { code: 'UNAUTHENTICATED' },
  });
  expect(recorded).toMatchObject([
    {
      action: 'signIn',
      outcome: 'UNAUTHENTICATED',
      role: 'device',
      actor: userId,
      address: '192.0.2.1',
      userId,
      subject: deviceId,
    },
  ]);
});

test.each([
  ['a revoked device', { id: 'ana', role: 'device', device: 'sensor' }, 'UNAUTHENTICATED'],
  ['no device and no openings', { id: 'ana', role: 'device' }, 'FORBIDDEN'],
] as const)('the refusal of a token for %s is in the audit trail', async (_, caller, code) => {
  const { authentication, recorded } = authenticate(caller);
  await expect(async () => authentication('Bearer x', headers)).rejects.toMatchObject({
    extensions: { code },
  });
  expect(recorded).toMatchObject([{ outcome: code, actor: 'ana', userId: 'ana' }]);
});
