import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createLogger } from './logger.js';
import {
  createPostgresConnection,
  createPostgresReaders,
  type PostgresConnection,
  type PostgresConnectionOptions,
} from './postgres-connection.js';
import { parsePostgresUrl } from './postgres-url.js';
import { runInTransaction } from './sql-connection.js';
import { toStorageError } from './storage-errors.js';
import { startFreezingProxy, startPostgres, type TestPostgres } from './testing/index.js';

let server: TestPostgres;
let url: string;
beforeAll(async () => {
  server = await startPostgres();
  url = await server.createDatabase();
  await server.run('create table notes (id int primary key)', url.split('/').at(-1));
});
afterAll(() => server.close());

function connect(
  options: Partial<PostgresConnectionOptions> = {},
  create: (options: PostgresConnectionOptions) => PostgresConnection = createPostgresConnection,
): PostgresConnection {
  const connection = create({
    address: parsePostgresUrl(url),
    applicationName: 'test',
    logger: createLogger('test', 'silent'),
    ...options,
  });
  onTestFinished(() => connection.close());
  return connection;
}

const insert = (connection: PostgresConnection, id: number) =>
  Promise.resolve(connection.queryObjects('insert into notes values ($1)', [id]));
const listNotes = async () =>
  (await server.run('select id from notes order by id', url.split('/').at(-1))).rows.map(
    ({ id }: { id: number }) => id,
  );
/** Ends the session of a connection on the server. */
async function endSession(connection: PostgresConnection) {
  const [row] = await connection.queryObjects<{ pid: number }>('select pg_backend_pid() as pid', []);
  await server.run(`select pg_terminate_backend(${row?.pid ?? 0})`);
}
const isLost = expect.objectContaining({ name: 'PostgresConnectionError' }) as Error;

describe('createPostgresConnection', () => {
  it('never runs a statement of a lost transaction outside it, and connects again for the next one', async () => {
    const connection = connect();
    await connection.control('begin');
    await insert(connection, 1);
    await endSession(connection).catch(() => undefined);
    await expect(insert(connection, 2)).rejects.toThrow(isLost);
    await expect(insert(connection, 3)).rejects.toThrow(isLost);
    expect(connection.isInTransaction).toBe(false);
    await connection.control('begin');
    await insert(connection, 4);
    await connection.control('commit');
    expect(await listNotes()).toStrictEqual([4]);
  });

  it('refuses the commit of a transaction that had failed', async () => {
    const connection = connect();
    await connection.control('begin');
    await expect(insert(connection, 4)).rejects.toMatchObject({ code: '23505' });
    await expect(connection.control('commit')).rejects.toThrow('The transaction had failed');
    expect(connection.isInTransaction).toBe(false);
  });

  it('rolls a transaction back whose work fails, and returns numbers', async () => {
    const connection = connect();
    const failed = runInTransaction(connection.db, async () => {
      await insert(connection, 5);
      throw new Error('refused');
    });
    await expect(failed).rejects.toThrow('refused');
    const rows = await connection.prepare('select count(*), sum(2::bigint), 5::bigint').all([]);
    expect(rows).toStrictEqual([[1, 2, 5]]);
  });

  it('a process that freezes in a transaction does not hold its locks', async () => {
    const frozen = connect({ timeouts: { idleTransactionMs: 200 } });
    await frozen.control('begin');
    await frozen.queryObjects('select * from notes for update', []);
    const other = connect();
    await runInTransaction(other.db, async () => {
      await other.queryObjects('select * from notes for update', []);
    });
    await expect(insert(frozen, 6)).rejects.toThrow(isLost);
  });

  it('gives up a connection whose packets are dropped, and uses another one', async () => {
    const proxy = await startFreezingProxy(server.port);
    onTestFinished(() => proxy.close());
    const address = parsePostgresUrl(url.replace(String(server.port), String(proxy.port)));
    const connection = connect({ address, timeouts: { answerMs: 300 } });
    await connection.control('begin');
    await insert(connection, 7);
    proxy.freezeOpenConnections();
    const refusal = await insert(connection, 8).catch((error: unknown) => error);
    expect(toStorageError(refusal)).toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    expect(toStorageError(refusal)?.reason).toBe('the database server cannot be reached');
    await runInTransaction(connection.db, () => insert(connection, 9));
    expect(await listNotes()).toStrictEqual([4, 9]);
  });

  it('tries a host last whose connection was lost', async () => {
    const proxies = [await startFreezingProxy(server.port), await startFreezingProxy(server.port)] as const;
    for (const proxy of proxies) onTestFinished(() => proxy.close());
    const hosts = proxies.map(({ port }) => `127.0.0.1:${port}`).join(',');
    const address = parsePostgresUrl(url.replace(`127.0.0.1:${server.port}`, hosts));
    const onHostChange = vi.fn();
    const connection = connect({ address, timeouts: { answerMs: 300 }, onHostChange });
    await connection.queryObjects('select 1', []);
    proxies[0].freezeOpenConnections();
    await expect(connection.queryObjects('select 1', [])).rejects.toThrow(isLost);
    await connection.queryObjects('select 1', []);
    expect(proxies.map(({ connectionCount }) => connectionCount)).toStrictEqual([1, 1]);
    expect(onHostChange).toHaveBeenCalledExactlyOnceWith(address.hosts[1]);
  });

  it('is closed although packets are dropped', async () => {
    const proxy = await startFreezingProxy(server.port);
    onTestFinished(() => proxy.close());
    const address = parsePostgresUrl(url.replace(String(server.port), String(proxy.port)));
    const connection = connect({ address });
    await connection.queryObjects('select 1', []);
    proxy.freezeOpenConnections();
    await connection.close();
    await expect(connection.queryObjects('select 1', [])).rejects.toThrow('The connection is closed');
  });

  it('tells listeners of notifications, and after a reconnection, because some may be lost', async () => {
    const connection = connect();
    const listener = vi.fn();
    await connection.listen('news', listener);
    await server.run('notify news', url.split('/').at(-1));
    await expect.poll(() => listener.mock.calls.length).toBe(1);
    await endSession(connection).catch(() => undefined);
    await expect.poll(() => listener.mock.calls.length).toBe(2);
    await server.run('notify news', url.split('/').at(-1));
    await expect.poll(() => listener.mock.calls.length).toBe(3);
  });

  it('uses the first host that can be reached and accepts writes', async () => {
    const replica = await startPostgres({ default_transaction_read_only: 'on' });
    onTestFinished(() => replica.close());
    const hosts = `127.0.0.1:1,127.0.0.1:${replica.port},127.0.0.1:${server.port}`;
    const getPort = async (query: string) => {
      const address = parsePostgresUrl(`postgresql://postgres@${hosts}/postgres?${query}`);
      const [row] = await connect({ address }).queryObjects<{ port: number }>(
        `select current_setting('port')::int as port`,
        [],
      );
      return row?.port;
    };
    expect(await getPort('')).toBe(server.port);
    expect(await getPort('target_session_attrs=any')).toBe(replica.port);
    const address = parsePostgresUrl(`postgresql://postgres@127.0.0.1:${replica.port}/postgres`);
    await expect(insert(connect({ address }), 1)).rejects.toThrow(
      `PostgreSQL cannot be used: 127.0.0.1:${replica.port}: the server is read-only`,
    );
  });

  it('a login that only one of the hosts refuses does not hide that another one is away', async () => {
    await server.configure(
      'pg_hba.conf',
      'host all ana 127.0.0.1/32 reject\nhost all all 127.0.0.1/32 trust\n',
    );
    const refuse = async (hosts: string) => {
      const connection = connect({ address: parsePostgresUrl(`postgresql://ana@${hosts}/postgres`) });
      return Promise.resolve(connection.queryObjects('select 1', [])).catch((error: unknown) => error);
    };
    const here = `127.0.0.1:${server.port}`;
    await expect
      .poll(async () => toStorageError(await refuse(here))?.causeCode)
      .toBe('POSTGRES_LOGIN_REFUSED');
    const refusal = await refuse(`127.0.0.1:1,${here}`);
    expect(refusal).toMatchObject({ isLoginRefused: false });
    expect(toStorageError(refusal)).toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      reason: expect.stringMatching(
        /^one database server refuses the login, and no other one can be used/,
      ) as string,
    });
  });

  it('connects again after a restart of the server', async () => {
    const connection = connect();
    await insert(connection, 10);
    await server.kill();
    await expect(insert(connection, 11)).rejects.toThrow(isLost);
    await server.start();
    await insert(connection, 12);
    expect(await listNotes()).toStrictEqual([4, 9, 10, 12]);
  });
});

describe('createPostgresReaders', () => {
  it('runs statements at the same time', async () => {
    const readers = connect({}, (options) => createPostgresReaders(2, options));
    const statement = readers.prepare('select pg_backend_pid(), pg_sleep(0.1)');
    const [first, second] = await Promise.all([statement.get([]), statement.get([])]);
    expect(first?.[0]).not.toBe(second?.[0]);
    expect(readers.pendingCount).toBe(0);
  });
});
