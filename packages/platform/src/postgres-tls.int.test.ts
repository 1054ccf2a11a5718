import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from './logger.js';
import { createPostgresConnection } from './postgres-connection.js';
import { parsePostgresUrl } from './postgres-url.js';
import { toStorageError } from './storage-errors.js';
import {
  createTestCertificates,
  eventually,
  startPostgres,
  type TestCertificates,
  type TestPostgres,
} from './testing/index.js';

let server: TestPostgres;
let certificates: TestCertificates;
let otherCertificates: TestCertificates;
beforeAll(async () => {
  certificates = createTestCertificates();
  otherCertificates = createTestCertificates();
  // The certificate is for 127.0.0.1 and localhost.
  server = await startPostgres({ listen_addresses: '127.0.0.1,127.0.0.2' });
});
afterAll(async () => {
  await server.close();
  certificates.remove();
  otherCertificates.remove();
});

/** Connects, and asks the server whether the connection is encrypted. */
async function connect(query: string, { user = 'postgres', host = '127.0.0.1' } = {}) {
  const connection = createPostgresConnection({
    address: parsePostgresUrl(`postgresql://${user}@${host}:${server.port}/postgres?${query}`),
    applicationName: 'test',
    logger: createLogger('test', 'silent'),
  });
  try {
    const [row] = await connection.queryObjects<{ ssl: boolean }>(
      'select ssl from pg_stat_ssl where pid = pg_backend_pid()',
      [],
    );
    return row?.ssl;
  } finally {
    await connection.close();
  }
}
const verifyFull = ({ caFile }: TestCertificates) => `sslmode=verify-full&sslrootcert=${caFile}`;

it('refuses a server without TLS, unless sslmode allows it', async () => {
  const problem = 'The server does not support SSL connections';
  await expect(connect(verifyFull(certificates))).rejects.toThrow(problem);
  await expect(connect('sslmode=require')).rejects.toThrow(problem);
  expect(await connect('sslmode=disable')).toBe(false);
});

describe('with a server that has a certificate', () => {
  beforeAll(async () => {
    await server.configure('server.crt', certificates.serverCertificate);
    await server.configure('server.key', certificates.serverKey);
    await server.configure('postgresql.auto.conf', 'ssl = on');
    await eventually(async () => expect(await connect('sslmode=require')).toBe(true));
  });

  it.each(['127.0.0.1', 'localhost'])('verify-full accepts the authority and the host %s', async (host) => {
    expect(await connect(verifyFull(certificates), { host })).toBe(true);
  });

  it('verify-full and verify-ca refuse another authority', async () => {
    const refusal = expect.objectContaining({
      message: expect.stringMatching(
        /^PostgreSQL cannot be used: 127\.0\.0\.1:\d+: the certificate is not signed by a trusted authority \(.+\): set sslrootcert to the file/,
      ) as string,
    }) as Error;
    await expect(connect(verifyFull(otherCertificates))).rejects.toThrow(refusal);
    await expect(connect(`sslmode=verify-ca&sslrootcert=${otherCertificates.caFile}`)).rejects.toThrow(
      refusal,
    );
    await expect(connect('sslmode=verify-full')).rejects.toThrow(refusal);
  });

  it('verify-full refuses another host, and verify-ca does not look at it', async () => {
    const host = '127.0.0.2';
    await expect(connect(verifyFull(certificates), { host })).rejects.toThrow(
      `PostgreSQL cannot be used: 127.0.0.2:${server.port}: the certificate is for another host`,
    );
    expect(await connect(`sslmode=verify-ca&sslrootcert=${certificates.caFile}`, { host })).toBe(true);
  });

  it('a wrong password is a refused login, not a server that is away', async () => {
    await server.run(`create role ana login password 'right'`);
    const rules = ['postgres', 'all'].map(
      (user) => `host all ${user} 127.0.0.1/8 ${user === 'all' ? 'scram-sha-256' : 'trust'}`,
    );
    await server.configure('pg_hba.conf', `${rules.join('\n')}\n`);
    await eventually(() =>
      expect(connect('', { user: 'ana:wrong' })).rejects.toThrow('password authentication failed'),
    );
    expect(await connect('', { user: 'ana:right' })).toBe(false);
    const refusal = await connect('', { user: 'ana:wrong' }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ isLoginRefused: true });
    expect(toStorageError(refusal)).toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      reason: 'the database server refuses the login: check the user and the password of DATABASE_URL',
    });
  });
});
