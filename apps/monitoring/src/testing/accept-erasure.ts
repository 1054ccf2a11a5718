import type { AcceptedErasure } from '../erasure/user-erasures.js';
import { OPERATOR } from './fixtures.js';
import type { TestStorage } from './test-storage.js';

/** Requests the erasure of a user of whom something is stored. */
export async function acceptErasure({ storage }: TestStorage, userId: string): Promise<AcceptedErasure> {
  const outcome = await storage.erasures.request(OPERATOR, userId);
  if (outcome.kind !== 'accepted')
    throw new Error(`The erasure of ${userId} is not accepted: ${outcome.kind}.`);
  return outcome;
}
