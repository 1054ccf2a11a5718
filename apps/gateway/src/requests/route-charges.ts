import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import type { ClientLimits } from '../shares/client-limits.js';
import { findShare, type AuthenticationResult } from './authentication.js';
import type { ClientAddressResolver } from './client-address.js';

/** Cost of a small response from memory, or of an unknown path. */
export const PAGE_COST = 1;
/** Cost of a script or style of a page: up to some megabytes. */
export const PAGE_ASSET_COST = 10;
/** Cost of a try to sign in: it is parsed, compared and recorded, and may sign a token. */
export const SIGN_IN_COST = 100;

/**
 * Charges requests outside GraphQL. Without allowance they are refused with 429 and `Retry-After`. `/health` and `/ready` are not
 * charged: an orchestrator would restart or leave out a gateway whose address group is busy.
 */
export interface RouteCharges {
  /** Creates a middleware that charges the anonymous share of the client's address. */
  readonly ofAddress: (cost: number) => RequestHandler;
  /** Charges the anonymous share of the client's address. @throws ExpectedError RATE_LIMITED */
  readonly chargeAddress: (request: IncomingMessage, cost: number) => void;
  /** Charges an identified caller, or the address of an anonymous one. @throws ExpectedError RATE_LIMITED */
  readonly chargeSender: (credentials: AuthenticationResult, clientAddress: string, cost: number) => void;
}

/** @param limits undefined: nothing is charged */
export function createRouteCharges(
  limits: Pick<ClientLimits, 'registry' | 'rateLimiter'> | undefined,
  resolveClientAddress: ClientAddressResolver,
): RouteCharges {
  const chargeSender: RouteCharges['chargeSender'] = (credentials, clientAddress, cost) => {
    if (limits) limits.rateLimiter.take(findShare(limits.registry, credentials, clientAddress), cost);
  };
  const chargeAddress: RouteCharges['chargeAddress'] = ({ headers, socket }, cost) => {
    const clientAddress = resolveClientAddress({ headers, remoteAddress: socket.remoteAddress });
    chargeSender({ caller: undefined, headers: {} }, clientAddress, cost);
  };
  return {
    chargeSender,
    chargeAddress,
    ofAddress: (cost) => (request, _response, next) => {
      chargeAddress(request, cost);
      next();
    },
  };
}
