import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { SessionCredentials } from '@seguridad-abc/executor';
import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import proxyAddr from 'proxy-addr';

/** Name of a client whose connection has no address, such as a Unix socket. */
const UNKNOWN_ADDRESS = 'unknown';
/** Addresses of recent requests that a proxy sent. */
const MAX_CACHED_ADDRESSES = 10_000;
/** Longer headers are evaluated for each request, so that the cache stays small. */
const MAX_CACHE_KEY_LENGTH = 200;

/**
 * Returns the IP address of the client that sent a request: an IPv4 address, or an IPv6 address in its short form.
 * `unknown` if the connection has no address.
 */
export type ClientAddressResolver = (
  request: Pick<SessionCredentials, 'headers' | 'remoteAddress'>,
) => string;

/**
 * Creates a resolver that believes the header `X-Forwarded-For` only of trusted proxies. Each proxy appends the address of
 * its peer. So the client is the last address of the header that is not a trusted proxy.
 * @param trustedProxies addresses, ranges and names of ranges, see the setting TRUSTED_PROXIES
 */
export function createClientAddressResolver(trustedProxies: readonly string[]): ClientAddressResolver {
  if (trustedProxies.length === 0) return ({ remoteAddress }) => normalizeAddress(remoteAddress);
  const isTrusted = proxyAddr.compile([...trustedProxies]);
  const cache = new LRUCache<string, string>({ max: MAX_CACHED_ADDRESSES });
  return ({ headers, remoteAddress }) => {
    const forwardedFor = headers['x-forwarded-for'];
    if (forwardedFor === undefined || remoteAddress === undefined) return normalizeAddress(remoteAddress);
    const key = `${remoteAddress} ${String(forwardedFor)}`;
    const known = cache.get(key);
    if (known !== undefined) return known;
    // The library reads nothing else of a request.
    const request = { headers, socket: { remoteAddress } } as unknown as IncomingMessage;
    const forwarded = removePort(proxyAddr(request, isTrusted));
    // A proxy that writes no addresses is misconfigured: its clients then share its own.
    const address = normalizeAddress(isIP(forwarded) === 0 ? remoteAddress : forwarded);
    if (key.length <= MAX_CACHE_KEY_LENGTH) cache.set(key, address);
    return address;
  };
}

/** Some proxies append the port of their peer: `192.0.2.1:5678` or `[2001:db8::1]:5678`. */
const removePort = (address: string): string => address.replace(/^\[(.*)\](:\d+)?$|^([\d.]+):\d+$/, '$1$3');

/** An IPv4 address in an IPv6 address, such as `::ffff:192.0.2.1`, becomes the IPv4 address. */
function normalizeAddress(address: string | undefined): string {
  if (address === undefined) return UNKNOWN_ADDRESS;
  return address.includes(':') ? ipaddr.process(address).toString() : address;
}

/** A network assigns at least this many bits of an IPv6 address to one customer, who can use every address below them. */
const IPV6_GROUP_PARTS = 4; // 64 bits

/**
 * Returns what limits per address count as one address: an IPv4 address itself, and the /64 network of an IPv6 address.
 * @param address as a {@link ClientAddressResolver} returns it
 */
export function getAddressGroup(address: string): string {
  if (!address.includes(':')) return address;
  const { parts } = ipaddr.IPv6.parse(address);
  const network = parts.slice(0, IPV6_GROUP_PARTS).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
}
