import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

/**
 * Creates a DNS lookup for connections that begins with another address of a host each time. So the connections to a host name with
 * several addresses, such as a headless service of Kubernetes, are spread over them. Node.js tries the next address if one does not
 * answer.
 * @param resolve replaces the resolver of the system
 */
export function createRotatingLookup(resolve: typeof lookup = lookup): LookupFunction {
  let turn = 0;
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) {
        callback(error, '');
        return;
      }
      const [first] = addresses;
      if (!first) {
        callback(new Error(`${hostname} has no address`), '');
        return;
      }
      const start = turn++ % addresses.length;
      // The resolver's choice between IPv4 and IPv6 stays: often only one of them works.
      const rotated = [...addresses.slice(start), ...addresses.slice(0, start)];
      const ordered = [
        ...rotated.filter(({ family }) => family === first.family),
        ...rotated.filter(({ family }) => family !== first.family),
      ];
      const [{ address, family } = first] = ordered;
      if (options.all === true) callback(null, ordered);
      else callback(null, address, family);
    });
  };
}
