import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { createDeviceIdentity } from '@seguridad-abc/platform';
import { recordLogs } from '@seguridad-abc/platform/testing';
import { describe, expect, it } from 'vitest';
import { assertSignedOperation, createSignedRequests } from './signed-requests.js';

const NOW_SECONDS = 1_800_000_000;
const deviceIdentity = createDeviceIdentity(() => 'a secret of one installation, long enough');
const body = Buffer.from('{"query":"mutation { recordReadings }"}');
const { logger, lines } = recordLogs();
const signedRequests = createSignedRequests({
  deviceIdentity,
  installationHeaders: { 'x-installation-secret': 's' },
  maxAgeSeconds: 300,
  now: () => NOW_SECONDS * 1_000,
  logger,
});

const open = (headers: IncomingHttpHeaders) => signedRequests.open(headers, '192.0.2.1')?.verifyBody;

function signHeaders({ device = 'device-1', signedAt = NOW_SECONDS, signed = body } = {}) {
  const digest = createHmac('sha256', deviceIdentity.deriveKey(device)).update(`${signedAt}.`).update(signed);
  return { 'x-abc-device': device, 'x-abc-signature': `t=${signedAt},v1=${digest.digest('hex')}` };
}

describe('a signed request', () => {
  it('is verified, and monitoring receives an assertion instead of a token', async () => {
    const credentials = await open(signHeaders())?.(body);
    expect(credentials?.caller).toStrictEqual({
      id: 'device-1',
      role: 'device',
      device: 'device-1',
      expiresAt: Infinity,
    });
    expect(credentials?.headers['x-installation-secret']).toBe('s');
    expect(await deviceIdentity.verifyAssertion(credentials?.headers['authorization'] ?? '')).toStrictEqual({
      deviceId: 'device-1',
      signedAt: NOW_SECONDS,
      bodyHash: createHash('sha256').update(body).digest('base64url'),
    });
  });

  it('is TAMPERED if one byte of the body differs, or if another device is named', async () => {
    lines.length = 0;
    const changed = Buffer.from(body);
    changed[3]! ^= 1;
    const tampered = { extensions: { code: 'TAMPERED' } };
    await expect(open(signHeaders())?.(changed)).rejects.toMatchObject(tampered);
    const foreign = { ...signHeaders(), 'x-abc-device': 'device-2' };
    await expect(open(foreign)?.(body)).rejects.toMatchObject(tampered);
    expect(lines).toMatchObject([
      {
        level: 'warn',
        device: 'device-1',
        signedAt: NOW_SECONDS,
        code: 'TAMPERED',
        clientAddress: '192.0.2.1',
      },
      { level: 'warn', device: 'device-2', code: 'TAMPERED' },
    ]);
  });

  it.each([-301, 301])('is REPLAYED, before its body is read, if its time differs by %i s', (seconds) => {
    expect(() => open(signHeaders({ signedAt: NOW_SECONDS + seconds }))).toThrow(
      expect.objectContaining({ extensions: { code: 'REPLAYED' } }) as Error,
    );
  });

  it.each([-300, 300])('is accepted if its time differs by %i s', async (seconds) => {
    const verify = open(signHeaders({ signedAt: NOW_SECONDS + seconds }));
    await expect(verify?.(body)).resolves.toBeDefined();
  });

  it('writes a limited number of log lines, however many requests are refused', () => {
    lines.length = 0;
    const stale = signHeaders({ signedAt: NOW_SECONDS - 1_000 });
    for (let n = 0; n < 500; n++) expect(() => open(stale)).toThrow('The signature is');
    expect(lines.length).toBeLessThanOrEqual(60);
  });

  it('is UNAUTHENTICATED if its headers are malformed, or if it has a token too', () => {
    for (const headers of [
      { 'x-abc-signature': 't=1' },
      { 'x-abc-signature': '' },
      { ...signHeaders(), authorization: 'Bearer x' },
    ]) {
      expect(() => open(headers)).toThrow(
        expect.objectContaining({ extensions: { code: 'UNAUTHENTICATED' } }) as Error,
      );
    }
  });

  it('is recognized by its signature alone', () => {
    expect(open({ 'x-abc-device': 'device-1' })).toBeUndefined();
  });
});

it('a signed operation is one recordReadings field', () => {
  assertSignedOperation(['recordReadings']);
  for (const rootFields of [
    [],
    ['createRule'],
    ['recordReadings', 'recordReadings'],
    ['recordReadings', '__typename'],
  ]) {
    expect(() => assertSignedOperation(rootFields)).toThrow('one recordReadings field');
  }
});
