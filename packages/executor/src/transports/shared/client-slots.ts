import { stringifyJson } from '../../shared/exact-json.js';
import type { GraphQLRequest } from '../../operations/request-preparer.js';

/** Counts what each owner holds at the same time, and refuses what exceeds the owner's limit. */
export interface SlotPool<Owner> {
  /** @throws an error for the client if the owner has too few free slots; it then holds none of them */
  acquire(owner: Owner, count: number): void;
  /** Called exactly once after each `acquire` that did not throw, with the same arguments. */
  release(owner: Owner, count: number): void;
}

/** Characters of a subscription's document and variables per slot. What a subscription keeps in memory grows with them. */
const TEXT_PER_SUBSCRIPTION_SLOT = 2_048;

/** Number of slots that a subscription takes; at least 1. */
export function countSubscriptionSlots({ query, variables }: GraphQLRequest): number {
  const length = query.length + (variables ? stringifyJson(variables).length : 0);
  return Math.max(1, Math.ceil(length / TEXT_PER_SUBSCRIPTION_SLOT));
}

/** A slot whose release is safe to repeat: several events can end what holds it. */
export class HeldSlot<Owner> {
  private pool: SlotPool<Owner> | undefined;
  private owner: Owner | undefined;

  /** @throws an error for the client if the owner has too few free slots */
  constructor(
    pool: SlotPool<Owner> | undefined,
    owner: Owner,
    private readonly count = 1,
  ) {
    if (!pool) return;
    pool.acquire(owner, count);
    this.pool = pool;
    this.owner = owner;
  }

  release(): void {
    const { pool, owner } = this;
    if (!pool || owner === undefined) return;
    // A released slot must not keep its owner in memory, such as the headers of a handshake.
    this.pool = undefined;
    this.owner = undefined;
    pool.release(owner, this.count);
  }
}
