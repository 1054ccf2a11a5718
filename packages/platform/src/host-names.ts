import { isIPv6 } from 'node:net';

/** Whether an address or host name is loopback: reachable from this machine only. An IPv6 address has no brackets. */
export const isLoopbackHost = (host: string): boolean =>
  host === 'localhost' ||
  host === '::1' ||
  /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host) ||
  // How `URL` writes the address ::ffff:127.0.0.1.
  /^::ffff:7f[\da-f]{2}:[\da-f]{1,4}$/.test(host);

/** The host of a URL, in lower case. An IPv6 address has no brackets. */
export const getUrlHost = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');

/**
 * Host and port, as in a URL, at which this machine reaches its own service.
 * @param host the address that the service listens on; a wildcard address becomes loopback
 */
export function getLocalHostAndPort(host: string, port: number | string): string {
  const reachableHost =
    new Map([
      ['0.0.0.0', '127.0.0.1'],
      ['::', '::1'],
    ]).get(host) ?? host;
  return `${reachableHost.includes(':') ? `[${reachableHost}]` : reachableHost}:${port}`;
}

/** Characters that end the host of a URL, and the wildcard, which no setting supports. */
const NOT_IN_HOST = /[\s:/?#@\\*]/;

/**
 * Writes a host name or address as {@link getUrlHost} returns it: in lower case, and an IPv6 address in its short form.
 * @returns undefined if the text is not one host, for example because it has a port
 */
export function normalizeHost(host: string): string | undefined {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  if (!isIPv6(address) && NOT_IN_HOST.test(host)) return undefined;
  const url = `http://${isIPv6(address) ? `[${address}]` : host}`;
  return URL.canParse(url) ? getUrlHost(new URL(url)) : undefined;
}

/** What decides which hosts a server answers for. */
export interface HostSettings {
  /** The address on which the server listens. */
  readonly HOST: string;
  /** Further host names and addresses, as {@link normalizeHost} returns them. */
  readonly ALLOWED_HOSTS: readonly string[];
  /** The origin of the gateway behind a proxy. Its host is allowed. */
  readonly PUBLIC_ORIGIN?: string | undefined;
}

/** Maximum number of accepted `Host` headers that a check remembers. */
const MAX_REMEMBERED_HEADERS = 100;

/**
 * Creates the check whether a request with a `Host` header is answered. A web page whose host name was made to resolve to
 * this server (DNS rebinding) sends its own host name.
 *
 * A server that listens on loopback answers for loopback names and the hosts of the settings. A server that listens on
 * another address is meant to be reached by any name, so it answers for all hosts unless `ALLOWED_HOSTS` is set.
 */
export function createHostCheck({
  HOST,
  ALLOWED_HOSTS,
  PUBLIC_ORIGIN,
}: HostSettings): (hostHeader: string | undefined) => boolean {
  if (!isLoopbackHost(HOST) && ALLOWED_HOSTS.length === 0) return () => true;
  const allowedHosts = new Set(ALLOWED_HOSTS);
  const ownHost = normalizeHost(HOST);
  if (ownHost !== undefined) allowedHosts.add(ownHost);
  if (PUBLIC_ORIGIN !== undefined) allowedHosts.add(getUrlHost(new URL(PUBLIC_ORIGIN)));
  // Parsing a URL costs more than the rest of the check, and the same few headers come again.
  const acceptedHeaders = new Set<string>();
  return (hostHeader) => {
    if (hostHeader === undefined) return false;
    if (acceptedHeaders.has(hostHeader)) return true;
    const url = `http://${hostHeader}`;
    if (!URL.canParse(url)) return false;
    const host = getUrlHost(new URL(url));
    if (!isLoopbackHost(host) && !allowedHosts.has(host)) return false;
    if (acceptedHeaders.size >= MAX_REMEMBERED_HEADERS) acceptedHeaders.clear();
    acceptedHeaders.add(hostHeader);
    return true;
  };
}
