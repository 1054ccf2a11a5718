import type { Socket } from 'node:net';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg, { type Client, type ClientConfig, type QueryArrayResult, type QueryResult } from 'pg';
import { describeCertificateError } from './certificate-errors.js';
import { getErrorMessage } from './errors.js';
import type { Logger } from './logger.js';
import { isHostSilent, isUnreachableError, type PostgresHost } from './postgres-host-check.js';
import type { PostgresAddress } from './postgres-url.js';
import { registerSqlConnection, type SqlConnection, type TransactionCommand } from './sql-connection.js';
import { POSTGRES_DIALECT } from './sql-dialect.js';
import {
  POSTGRES_CONNECTION_LOST,
  POSTGRES_LOGIN_REFUSED,
  POSTGRES_LOGIN_REFUSED_BY_ONE,
} from './storage-errors.js';

/** How long a connection, its statements and its transactions may take, in milliseconds. */
export interface PostgresTimeouts {
  /** Until a server has answered to the connection. */
  readonly connectMs: number;
  /** The server ends a statement that takes longer. */
  readonly statementMs: number;
  /** The connection counts as lost without an answer after this time: packets may be dropped. */
  readonly answerMs: number;
  /** The server ends a transaction that sends nothing for this time: a frozen process must not hold locks. */
  readonly idleTransactionMs: number;
}

const DEFAULT_TIMEOUTS: PostgresTimeouts = {
  connectMs: 3_000,
  statementMs: 10_000,
  answerMs: 12_000,
  idleTransactionMs: 3_000,
};

export interface PostgresConnectionOptions {
  readonly address: PostgresAddress;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly logger: Logger;
  readonly timeouts?: Partial<PostgresTimeouts> | undefined;
  /** Called with each SQL statement before it runs. */
  readonly onStatement?: ((statement: string) => void) | undefined;
  /** Called when it has connected to another host than before. */
  readonly onHostChange?: ((host: ClientConfig) => void) | undefined;
  /** Called when a host has answered a new connection, or was found silent: it does not even answer a question without a login. */
  readonly onHostChecked?: ((host: ClientConfig, isSilent: boolean) => void) | undefined;
}

type PostgresConnectionCode =
  typeof POSTGRES_CONNECTION_LOST | typeof POSTGRES_LOGIN_REFUSED | typeof POSTGRES_LOGIN_REFUSED_BY_ONE;

/** The connection to the server ended, or there is none. What it had begun is rolled back, unless its commit had arrived. */
export class PostgresConnectionError extends Error {
  override name = 'PostgresConnectionError';

  constructor(
    message: string,
    options?: ErrorOptions,
    readonly code: PostgresConnectionCode = POSTGRES_CONNECTION_LOST,
  ) {
    super(message, options);
  }

  /** Whether all servers refuse the user or the password: waiting for them does not help. */
  get isLoginRefused(): boolean {
    return this.code === POSTGRES_LOGIN_REFUSED;
  }
}

/** Class 28: the server refuses the user, the password, or the address. */
const isLoginRefusal = (error: unknown): boolean =>
  error instanceof Error && String((error as { code?: unknown }).code).startsWith('28');

/** A connection that is opened when it is needed, and again after it was lost. Statements of a transaction never run after it. */
export interface PostgresConnection extends SqlConnection {
  /** Drizzle over this connection. Its types are those of PostgreSQL. */
  readonly db: ReturnType<typeof createDrizzle>;
  /** Runs a query of Drizzle. */
  readonly query: DrizzleQuery;
  /** Calls a listener for each notification of a channel, and after each reconnection: some may be lost. */
  listen(channel: string, listener: () => void): Promise<void>;
  /** Number of statements that wait for their results. */
  readonly pendingCount: number;
  /** Gives up a session on another host, because the server has moved: statements that wait for their results fail at once. */
  leaveOtherHosts(host: ClientConfig): void;
  /** Notes whether a host is silent. No new connection to a silent host is tried. A session there is kept: it may work. */
  noteHost(host: ClientConfig, isSilent: boolean): void;
  close(): Promise<void>;
}

interface Session {
  readonly client: Client;
  readonly host: ClientConfig;
  isLost: boolean;
  /** The address of the server. Undefined: a socket of this machine. */
  readonly server: PostgresHost | undefined;
  /** Number of statements that were sent and have no result. */
  waitingCount: number;
  /** By the monotonic clock, when the server has last sent something. */
  heardAt: number;
  /** Restarted by the first statement that waits, and by everything that the server sends. */
  readonly checkTimer: NodeJS.Timeout;
  isBeingChecked: boolean;
  /** Names of the prepared statements, by their texts. */
  readonly statementNames: Map<string, string>;
}

/** 64-bit integers and sums are numbers here: positions and milliseconds are below 2^53. Everything else as the driver does. */
const NUMBER_TYPES: ReadonlySet<number> = new Set([pg.types.builtins.INT8, pg.types.builtins.NUMERIC]);
const TYPES: NonNullable<ClientConfig['types']> = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    NUMBER_TYPES.has(oid)
      ? Number
      : (pg.types.getTypeParser as (oid: number, format?: string) => unknown)(oid, format)) as never,
};

/** How long statements wait, without a sign of the server, until the connection asks whether the server is there. */
const CHECK_AFTER_MS = 1_000;

/** How long a connection that only listens waits until it connects again. */
const LISTEN_RETRY_MS = 1_000;

/** How long a close waits for the server: it may be unreachable. */
const CLOSE_TIMEOUT_MS = 2_000;

const CONTROL_SQL: Partial<Record<TransactionCommand, string>> = {
  'begin snapshot': 'begin isolation level repeatable read read only',
};

/** Creates a connection. It connects with the first statement. */
export function createPostgresConnection(options: PostgresConnectionOptions): PostgresConnection {
  const { logger, onStatement, onHostChange, onHostChecked } = options;
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  let session: Session | undefined;
  let connecting: Promise<Session> | undefined;
  /** The session of the open transaction, also after it was lost: until the transaction ends, statements fail. */
  let transaction: Session | undefined;
  let pendingCount = 0;
  let isClosed = false;
  /** In the order in which they are tried. The one that works comes first, and one whose connection was lost comes last. */
  let { hosts } = options.address;
  let connectedHost: ClientConfig | undefined;
  /** Those that do not answer to another connection of this process. */
  const silentHosts = new Set<ClientConfig>();
  const channels = new Map<string, () => void>();

  const lose = (lost: Session, error: unknown) => {
    if (lost.isLost) return;
    lost.isLost = true;
    clearTimeout(lost.checkTimer);
    if (session === lost) session = undefined;
    hosts = [...hosts.filter((host) => host !== lost.host), lost.host];
    if (!isClosed) logger.warn({ err: error }, 'the connection to PostgreSQL is lost');
    destroy(lost.client);
    listenAgain();
  };
  /** Without a statement, nothing else would connect again. */
  const listenAgain = () => {
    if (channels.size === 0 || isClosed) return;
    connect().catch(() => void setTimeout(listenAgain, LISTEN_RETRY_MS).unref());
  };

  /**
   * Gives up a session that has waited for long, if its server is silent for new connections too. A server that is only slow answers
   * them: the statement may wait for a lock, or compute.
   */
  const checkSession = async (checked: Session) => {
    const { host, server } = checked;
    if (checked.isLost || checked.isBeingChecked || checked.waitingCount === 0 || !server) return;
    checked.isBeingChecked = true;
    const askedAt = performance.now();
    const isSilent = (await isHostSilent(server)) && checked.heardAt < askedAt;
    checked.isBeingChecked = false;
    // A later session has heard more of the host than this one.
    if (session === undefined || session === checked) onHostChecked?.(host, isSilent);
    if (isSilent) lose(checked, new Error('The server does not answer any more.'));
    else checked.checkTimer.refresh();
  };
  /** Finds out whether a host is silent that was too slow for a new session. */
  const checkHost = async (host: ClientConfig) => {
    if (host.host === undefined || host.port === undefined) return;
    const isSilent = await isHostSilent({ host: host.host, port: host.port });
    if (session?.host !== host) onHostChecked?.(host, isSilent);
  };
  const open = async (): Promise<Session> => {
    const { client, host } = await connectToHost(hosts, silentHosts, options, timeouts, checkHost);
    const stream = getStream(client);
    const { remoteAddress, remotePort } = stream;
    const opened: Session = {
      client,
      host,
      isLost: false,
      server:
        remoteAddress !== undefined && remotePort !== undefined
          ? { host: remoteAddress, port: remotePort }
          : undefined,
      waitingCount: 0,
      heardAt: performance.now(),
      checkTimer: setTimeout(() => void checkSession(opened), CHECK_AFTER_MS).unref(),
      isBeingChecked: false,
      statementNames: new Map(),
    };
    stream.on('data', () => {
      opened.heardAt = performance.now();
      if (!opened.isLost) opened.checkTimer.refresh();
    });
    hosts = [host, ...hosts.filter((other) => other !== host)];
    client.on('error', (error) => lose(opened, error));
    client.on('end', () => lose(opened, new Error('The server has ended the connection.')));
    client.on('notification', ({ channel }) => channels.get(channel)?.());
    for (const [channel, listener] of channels) {
      await client.query(`listen ${client.escapeIdentifier(channel)}`);
      listener();
    }
    if (isClosed) {
      destroy(client);
      throw new PostgresConnectionError('The connection is closed.');
    }
    return opened;
  };
  const connect = async (): Promise<Session> => {
    if (session) return session;
    if (isClosed) throw new PostgresConnectionError('The connection is closed.');
    connecting ??= open().finally(() => (connecting = undefined));
    const opened = await connecting;
    if (opened.isLost) throw new PostgresConnectionError('The connection was lost when it was opened.');
    session = opened;
    // A check that began before may have found the host silent.
    onHostChecked?.(opened.host, false);
    const hasMoved = connectedHost !== undefined && connectedHost !== opened.host;
    connectedHost = opened.host;
    if (hasMoved) onHostChange?.(opened.host);
    return session;
  };

  /** Lets the session be checked while it has no result. */
  const waitForResult = async <Result>(waiting: Session, result: Promise<Result>): Promise<Result> => {
    if (waiting.waitingCount === 0 && !waiting.isLost) waiting.checkTimer.refresh();
    waiting.waitingCount += 1;
    try {
      return await result;
    } finally {
      waiting.waitingCount -= 1;
    }
  };

  /** Runs a query on the session of the transaction, or on one that is connected. */
  const run = async <Result>(query: (session: Session) => Promise<Result>): Promise<Result> => {
    if (transaction?.isLost)
      throw new PostgresConnectionError('The connection was lost during the transaction.');
    pendingCount += 1;
    let current = transaction ?? session;
    try {
      current ??= await connect();
      return await waitForResult(current, query(current));
    } catch (error) {
      throw current ? toConnectionError(current, error, lose) : error;
    } finally {
      pendingCount -= 1;
    }
  };

  const runNamed = (text: string, values: readonly unknown[]): Promise<QueryArrayResult> =>
    run(({ client, statementNames }) => {
      onStatement?.(text);
      let name = statementNames.get(text);
      if (name === undefined) statementNames.set(text, (name = `s${statementNames.size}`));
      return client.query({ name, text, values: values as unknown[], rowMode: 'array', types: TYPES });
    });

  const control = async (command: TransactionCommand): Promise<void> => {
    const text = CONTROL_SQL[command] ?? command;
    switch (command) {
      case 'begin':
      case 'begin snapshot': {
        if (transaction && !transaction.isLost) throw new Error('A transaction is open already.');
        // The work of a lost transaction has ended: only then the next one begins.
        transaction = undefined;
        const begun = await connect();
        await run(({ client }) => client.query(text));
        transaction = begun;
        if (begun.isLost) throw new PostgresConnectionError('The connection was lost at the begin.');
        return;
      }
      case 'commit': {
        try {
          const { command: result } = await run(({ client }) => client.query(text));
          // The server answers the commit of a failed transaction with a rollback, and without an error.
          if (result !== 'COMMIT') throw new Error('The transaction had failed, and was rolled back.');
        } finally {
          transaction = undefined;
        }
        return;
      }
      case 'rollback':
        try {
          if (transaction && !transaction.isLost) await run(({ client }) => client.query(text));
        } finally {
          transaction = undefined;
        }
        return;
      default:
        await run(({ client }) => client.query(text));
    }
  };

  const query: DrizzleQuery = (drizzleQuery, values) =>
    run(({ client }) => {
      onStatement?.(drizzleQuery.text);
      return client.query({ ...drizzleQuery, types: TYPES }, values);
    });
  const connection: PostgresConnection = {
    dialect: POSTGRES_DIALECT,
    prepare: (text) => ({
      all: async (values) => (await runNamed(text, values)).rows as unknown[][],
      get: async (values) => (await runNamed(text, values)).rows[0] as unknown[] | undefined,
      run: async (values) => (await runNamed(text, values)).rowCount ?? 0,
    }),
    queryObjects: <Row extends object>(text: string, values: readonly unknown[]) =>
      run(async ({ client }) => {
        onStatement?.(text);
        const result = await client.query<Row>({ text, values: values as unknown[], types: TYPES });
        return result.rows;
      }),
    control,
    get isInTransaction() {
      return transaction !== undefined && !transaction.isLost;
    },
    get pendingCount() {
      return pendingCount;
    },
    db: createDrizzle(query),
    query,
    leaveOtherHosts(host) {
      if (session && session.host !== host) lose(session, new Error('The server has moved to another host.'));
    },
    noteHost(host, isSilent) {
      if (isSilent) silentHosts.add(host);
      else silentHosts.delete(host);
    },
    async listen(channel, listener) {
      await connect();
      channels.set(channel, listener);
      await run(({ client }) => client.query(`listen ${client.escapeIdentifier(channel)}`));
    },
    async close() {
      isClosed = true;
      const ending = session ?? (await connecting?.catch(() => undefined));
      session = undefined;
      if (!ending || ending.isLost) return;
      ending.isLost = true;
      const timer = setTimeout(() => destroy(ending.client), CLOSE_TIMEOUT_MS);
      await ending.client.end().catch(() => undefined);
      clearTimeout(timer);
    },
  };
  registerSqlConnection(connection.db, connection);
  return connection;
}

type DrizzleQuery = (query: { readonly text: string }, values: unknown[]) => Promise<QueryResult>;

/** Drizzle needs nothing of a client but its function `query`. */
const createDrizzle = (query: DrizzleQuery) => drizzle({ client: { query } as unknown as Client });

/**
 * Connects to the first host that can be reached and accepts writes.
 * @param checkHost called for each host that was too slow
 */
async function connectToHost(
  hosts: readonly ClientConfig[],
  silentHosts: ReadonlySet<ClientConfig>,
  { address, applicationName, onHostChecked }: PostgresConnectionOptions,
  timeouts: PostgresTimeouts,
  checkHost: (host: ClientConfig) => Promise<void>,
): Promise<{ readonly client: Client; readonly host: ClientConfig }> {
  const problems: string[] = [];
  let cause: unknown;
  let refusalCount = 0;
  for (const host of hosts) {
    const name = `${host.host ?? ''}:${host.port ?? ''}`;
    if (silentHosts.has(host)) {
      problems.push(`${name}: it does not answer`);
      continue;
    }
    const client = new pg.Client({
      ...host,
      application_name: host.application_name ?? applicationName,
      connectionTimeoutMillis: timeouts.connectMs,
      query_timeout: timeouts.answerMs,
      statement_timeout: timeouts.statementMs,
      idle_in_transaction_session_timeout: timeouts.idleTransactionMs,
      // Statements that do not wait for each other share a round trip. The server still runs them one after the other.
      pipeline: true,
      keepAlive: true,
      keepAliveInitialDelayMillis: 5_000,
    });
    // An error after the connection failed must not end the process.
    client.on('error', () => undefined);
    try {
      await client.connect();
      onHostChecked?.(host, false);
      const reason = await findUnsuitability(client, address.needsPrimary);
      if (reason === undefined) return { client, host };
      problems.push(`${name}: ${reason}`);
    } catch (error) {
      // The refusal of one host says more than the silence of another.
      if (!isLoginRefusal(cause)) cause = error;
      if (isLoginRefusal(error)) refusalCount += 1;
      const reason = describeCertificateError(error, 'sslrootcert') ?? getErrorMessage(error);
      problems.push(`${name}: ${reason}`);
      if (isConnectTimeout(error)) void checkHost(host);
      else onHostChecked?.(host, false);
    }
    destroy(client);
  }
  throw new PostgresConnectionError(
    `PostgreSQL cannot be used: ${problems.join('; ')}`,
    { cause },
    getConnectionCode(refusalCount, hosts.length),
  );
}

/** A host that is away may be the one that would accept the login, as the primary when a replica refuses it. */
function getConnectionCode(refusalCount: number, hostCount: number): PostgresConnectionCode {
  if (refusalCount === 0) return POSTGRES_CONNECTION_LOST;
  return refusalCount === hostCount ? POSTGRES_LOGIN_REFUSED : POSTGRES_LOGIN_REFUSED_BY_ONE;
}

/** The message of the driver for a server that does not answer in time. */
const CONNECT_TIMEOUT_MESSAGE = 'timeout expired';

const isConnectTimeout = (error: unknown): boolean =>
  error instanceof Error && (error.message === CONNECT_TIMEOUT_MESSAGE || isUnreachableError(error));

const MIN_SERVER_VERSION = 15;

/** @returns why a server cannot be used; undefined: it can */
async function findUnsuitability(client: Client, needsPrimary: boolean): Promise<string | undefined> {
  const { rows } = await client.query<{ version: number; encoding: string; isReadOnly: boolean }>(
    `select current_setting('server_version_num')::int / 10000 as version, current_setting('server_encoding') as encoding,
      pg_is_in_recovery() or current_setting('transaction_read_only')::bool as "isReadOnly"`,
  );
  const [server] = rows;
  if (!server) return 'the server does not answer';
  if (server.version < MIN_SERVER_VERSION)
    return `PostgreSQL ${MIN_SERVER_VERSION} or later is needed, and the server is ${server.version}`;
  if (server.encoding !== 'UTF8')
    return `the database has the encoding ${server.encoding}: create it with UTF8`;
  if (needsPrimary && server.isReadOnly) return 'the server is read-only';
  return undefined;
}

/** Ends the connection without waiting for an answer. */
function destroy(client: Client): void {
  getStream(client).destroy();
}

/** The socket of a connection, with TLS or without. */
const getStream = (client: Client): Socket =>
  (client as unknown as { connection: { stream: Socket } }).connection.stream;

/** The driver reports lost connections by these messages. */
const LOST_MESSAGES =
  /Connection terminated|Client has encountered a connection error|Query read timeout|Client was closed|not queryable|read ECONNRESET|write EPIPE|timeout expired/;
/** The server ends sessions: shutdown, crash, and transactions or sessions that were idle for too long. */
const LOST_CODES: ReadonlySet<string> = new Set([
  '57P01',
  '57P02',
  '57P03',
  '57P05',
  '25P03',
  '08006',
  '08003',
]);
/** After a failover the server may be a replica: then another one accepts writes. */
const READ_ONLY_CODE = '25006';

/** Notices that the connection is lost, or that the server is none that accepts writes any more. */
function toConnectionError(
  session: Session,
  error: unknown,
  lose: (session: Session, error: unknown) => void,
): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  const isLost =
    session.isLost ||
    (typeof code === 'string' && LOST_CODES.has(code)) ||
    (typeof code !== 'string' && LOST_MESSAGES.test(error.message));
  if (code === READ_ONLY_CODE) lose(session, error);
  if (!isLost) return error;
  lose(session, error);
  return new PostgresConnectionError(`The connection to PostgreSQL was lost: ${error.message}`, {
    cause: error,
  });
}

/**
 * Creates several connections as one, for reads: each statement runs on the one that has the fewest to do. They have no transactions.
 */
export function createPostgresReaders(count: number, options: PostgresConnectionOptions): PostgresConnection {
  const connections = Array.from({ length: count }, () => createPostgresConnection(options));
  const choose = () =>
    connections.reduce((best, next) => (next.pendingCount < best.pendingCount ? next : best));
  const refuse = () => {
    throw new Error('Connections for reads have no transactions.');
  };
  const readers: PostgresConnection = {
    dialect: POSTGRES_DIALECT,
    prepare(text) {
      const statements = new Map(
        connections.map((connection) => [connection, connection.prepare(text)] as const),
      );
      const getStatement = () => statements.get(choose()) ?? refuse();
      return {
        all: (values) => getStatement().all(values),
        get: (values) => getStatement().get(values),
        run: (values) => getStatement().run(values),
      };
    },
    queryObjects: (text, values) => choose().queryObjects(text, values),
    control: refuse,
    isInTransaction: false,
    get pendingCount() {
      return connections.reduce((sum, connection) => sum + connection.pendingCount, 0);
    },
    db: createDrizzle((query, values) => choose().query(query, values)),
    query: (query, values) => choose().query(query, values),
    listen: refuse,
    leaveOtherHosts(host) {
      for (const connection of connections) connection.leaveOtherHosts(host);
    },
    noteHost(host, isSilent) {
      for (const connection of connections) connection.noteHost(host, isSilent);
    },
    async close() {
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
  registerSqlConnection(readers.db, readers);
  return readers;
}
