import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePostgresUrl } from './postgres-url.js';
import { temporaryFolder } from './testing/index.js';

describe('parsePostgresUrl', () => {
  it('reads user, password, hosts in their order, and the name', () => {
    const { hosts, needsPrimary, description } = parsePostgresUrl(
      'postgresql://ana:p%40ss@db1,db2:6432,[::1]:5433/seguridad?application_name=x',
    );
    const shared = {
      user: 'ana',
      password: 'p@ss',
      database: 'seguridad',
      ssl: false,
      application_name: 'x',
    };
    expect(hosts).toStrictEqual([
      { host: 'db1', port: 5432, ...shared },
      { host: 'db2', port: 6432, ...shared },
      { host: '::1', port: 5433, ...shared },
    ]);
    expect(needsPrimary).toBe(true);
    // It names no password.
    expect(description).toBe('db1:5432,db2:6432,::1:5433/seguridad');
  });

  it('reads the folder of a Unix socket, and another kind of server', () => {
    const { hosts, needsPrimary } = parsePostgresUrl(
      'postgres:///name?host=/run/postgresql&target_session_attrs=any',
    );
    expect(hosts).toMatchObject([{ host: '/run/postgresql', database: 'name' }]);
    expect(hosts[0]).not.toHaveProperty('user');
    expect(needsPrimary).toBe(false);
  });

  it('verifies certificates as the mode says', () => {
    const folder = temporaryFolder();
    const file = join(folder.path, 'ca.pem');
    writeFileSync(file, 'certificates');
    const getTls = (query: string) => parsePostgresUrl(`postgresql://db/name?${query}`).hosts[0]?.ssl;
    expect(getTls('sslmode=disable')).toBe(false);
    expect(getTls('sslmode=require')).toMatchObject({ rejectUnauthorized: false });
    expect(getTls(`sslmode=require&sslrootcert=${file}`)).toMatchObject({
      ca: 'certificates',
      rejectUnauthorized: true,
    });
    expect(getTls('sslmode=verify-full')).toStrictEqual({ rejectUnauthorized: true, servername: 'db' });
    const verifyCa = getTls('sslmode=verify-ca') as { checkServerIdentity?: () => unknown };
    expect(verifyCa).toMatchObject({ rejectUnauthorized: true });
    expect(verifyCa.checkServerIdentity?.()).toBeUndefined();
    folder.remove();
  });

  it.each([
    ['mysql://db/name', /form postgresql/],
    ['postgresql://db', /form postgresql/],
    ['postgresql://db:0/name', /host db:0/],
    ['postgresql://db/name?sslmode=prefer', /sslmode is one of disable, require, verify-ca, verify-full/],
    ['postgresql://db/name?sslrootcert=/ca.pem', /sslrootcert needs an sslmode/],
    ['postgresql://db/name?sslmode=verify-full&sslrootcert=/no/such.pem', /sslrootcert cannot be read/],
    ['postgresql://db/name?target_session_attrs=standby', /target_session_attrs is/],
    ['postgresql://db/name?connect_timeout=3', /parameter connect_timeout/],
    ['postgresql://ana:100%@db/name', /percent-encoded/],
  ])('refuses %s', (url, problem) => {
    expect(() => parsePostgresUrl(url)).toThrow(problem);
  });
});
