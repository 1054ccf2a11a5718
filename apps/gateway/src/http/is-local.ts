import { isLoopbackHost } from '@seguridad-abc/platform';
import type { Request } from 'express';

/**
 * Whether a request comes from this machine, for an address of this machine: not through a proxy, and from no page whose
 * name was made to point here.
 */
export function isLocal({ headers, socket }: Pick<Request, 'headers' | 'socket'>): boolean {
  const { host = '', forwarded, 'x-forwarded-for': forwardedFor } = headers;
  if (forwarded !== undefined || forwardedFor !== undefined) return false;
  if (!isLoopbackHost(socket.remoteAddress ?? '') || !URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  return isLoopbackHost(hostname.replace(/^\[(.*)\]$/, '$1'));
}
