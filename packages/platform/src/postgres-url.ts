import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import type { ClientConfig } from 'pg';
import { getErrorMessage, StartError } from './errors.js';

/** What a database URL says: how to reach each of its hosts. */
export interface PostgresAddress {
  /** One configuration of the driver for each host, in the order of the URL. */
  readonly hosts: readonly ClientConfig[];
  /** Whether only a server that accepts writes is used. */
  readonly needsPrimary: boolean;
  /** The hosts and the name of the database, without user and password, for messages. */
  readonly description: string;
}

const DEFAULT_PORT = 5432;
const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
const PARAMETERS = ['host', 'sslmode', 'sslrootcert', 'target_session_attrs', 'application_name'];

/**
 * Reads a URL such as `postgresql://user:password@host1,host2:5432/name?sslmode=verify-full&sslrootcert=/etc/ca.pem`. It may list
 * several hosts, of which the one that accepts writes is used. The parameters are those of libpq:
 * https://www.postgresql.org/docs/current/libpq-connect.html
 * - `sslmode`: `disable` (the default), `require` (the certificate is verified only with `sslrootcert`), `verify-ca` or `verify-full`
 * - `sslrootcert`: the file with the certificates of the authorities. Default: those of Node.js
 * - `target_session_attrs`: `read-write` (the default) or `any`
 * - `host`: the folder of a Unix socket, in the place of the host
 * @throws StartError that says what is wrong, without the password
 */
export function parsePostgresUrl(url: string): PostgresAddress {
  const match =
    /^postgres(?:ql)?:\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^/?]*)\/(?<name>[^/?]+)(?:\?(?<query>.*))?$/.exec(
      url,
    );
  if (!match?.groups) throw invalid('It has the form postgresql://user:password@host:5432/name.');
  const { user, password, hosts = '', name = '', query } = match.groups;
  const parameters = new URLSearchParams(query);
  for (const parameter of parameters.keys())
    if (!PARAMETERS.includes(parameter))
      throw invalid(`It has the parameter ${parameter}. Known ones are ${PARAMETERS.join(', ')}.`);
  const target = parameters.get('target_session_attrs') ?? 'read-write';
  if (target !== 'read-write' && target !== 'any')
    throw invalid('target_session_attrs is read-write or any.');
  const ssl = readTls(parameters);
  const database = decode(name);
  const addresses = (parameters.get('host') ?? hosts).split(',').map(parseHost);
  return {
    hosts: addresses.map(({ host, port }) => ({
      host,
      port,
      database,
      ...(user && { user: decode(user) }),
      ...(password !== undefined && { password: decode(password) }),
      ssl: ssl && createTlsOptions(ssl, host),
      application_name: parameters.get('application_name') ?? undefined,
    })),
    needsPrimary: target === 'read-write',
    description: `${addresses.map(({ host, port }) => `${host}:${port}`).join(',')}/${database}`,
  };
}

const invalid = (problem: string) => new StartError(`DATABASE_URL cannot be used. ${problem}`);

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('Write special characters of user, password and name percent-encoded.');
  }
}

/** A host name, an address, an IPv6 address in brackets, or the folder of a Unix socket. */
function parseHost(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[(?<ipv6>[^\]]+)\]|(?<name>[^:]*))(?::(?<port>\d+))?$/.exec(decode(text));
  const port = Number(match?.groups?.['port'] ?? DEFAULT_PORT);
  if (!match?.groups || port < 1 || port > 65_535) throw invalid(`The host ${text} cannot be read.`);
  const { ipv6, name } = match.groups;
  return { host: ipv6 ?? (name === '' ? undefined : name) ?? 'localhost', port };
}

interface TlsSettings {
  readonly mode: 'require' | 'verify-ca' | 'verify-full';
  readonly ca: string | undefined;
}

function readTls(parameters: URLSearchParams): TlsSettings | false {
  const mode = SSL_MODES.find((known) => known === (parameters.get('sslmode') ?? 'disable'));
  if (!mode) throw invalid(`sslmode is one of ${SSL_MODES.join(', ')}.`);
  const file = parameters.get('sslrootcert');
  if (mode === 'disable') {
    if (file !== null) throw invalid('sslrootcert needs an sslmode such as verify-full.');
    return false;
  }
  try {
    return { mode, ca: file === null ? undefined : readFileSync(file, 'utf8') };
  } catch (error) {
    throw invalid(`sslrootcert cannot be read: ${getErrorMessage(error)}`);
  }
}

function createTlsOptions({ mode, ca }: TlsSettings, host: string): ClientConfig['ssl'] {
  return {
    ...(ca !== undefined && { ca }),
    // As in libpq, `require` alone encrypts, and trusts any server.
    rejectUnauthorized: mode !== 'require' || ca !== undefined,
    ...createIdentityCheck(mode, host),
  };
}

function createIdentityCheck(mode: TlsSettings['mode'], host: string): ConnectionOptions {
  if (mode !== 'verify-full') return { checkServerIdentity: () => undefined };
  // The extension of TLS that names the server has no addresses.
  return isIP(host) === 0
    ? { servername: host }
    : { checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate) };
}
