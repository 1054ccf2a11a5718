import { isIPv6 } from 'node:net';

/** Whether an address or host name is loopback: reachable from this machine only. An IPv6 address has no brackets. */
export const isLoopbackHost = (host: string): boolean =>
  host === 'localhost' ||
  host === '::1' ||
  /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host) ||
  // How `URL` writes the address ::ffff:127.0.0.1.
  /^::ffff:7f[\da-f]{2}:[\da-f]{1,4}$/.test(host);

/**
 * Whether the value of a `Host` header is loopback, with any port. A page whose host name was made to resolve to this
 * machine (DNS rebinding) sends that host name, so its requests do not pass.
 */
export const isLoopbackHostHeader = (header: string | undefined): boolean =>
  header !== undefined &&
  URL.canParse(`http://${header}`) &&
  isLoopbackHost(getUrlHost(new URL(`http://${header}`)));

/** The host of a URL, in lower case. An IPv6 address has no brackets. */
export const getUrlHost = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');

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
