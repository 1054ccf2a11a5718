import type { FetchFailure } from './data-source.js';

/** Why a subscription at a subgraph was interrupted, or could not be started. */
export class SubscriptionFailure extends Error {
  override name = 'SubscriptionFailure';
  constructor(readonly failure: FetchFailure) {
    super(failure.kind);
  }
}

/** Whether a subscription may succeed if it is started again. */
export const isTransientFailure = ({ kind }: FetchFailure): boolean =>
  kind === 'unreachable' || kind === 'unavailable' || kind === 'timeout';

/**
 * Explains the HTTP status with which a subgraph refuses to start a subscription.
 * @param location of a redirect, without confidential parts
 */
export function toStatusFailure(status: number, location = ''): FetchFailure {
  const reason = `It responded with the HTTP status ${status}.`;
  if (status === 401) return { kind: 'unauthenticated', reason };
  if (status === 403) return { kind: 'forbidden', reason };
  if (status >= 300 && status < 400) return { kind: 'redirect', status, location };
  if (status === 429 || (status >= 502 && status <= 504)) return { kind: 'unavailable', status };
  return { kind: 'invalid-response', reason: 'It starts no subscription.', status };
}
