/** How fast an allowance returns, and how much of it can be used at once. */
export interface AllowanceRate {
  /** Time in which the allowance for a cost of 1 returns, in milliseconds. */
  readonly msPerCost: number;
  /** Time in which the whole allowance returns, in milliseconds. */
  readonly burstMs: number;
}

export const createAllowanceRate = (costPerMinute: number, burst: number): AllowanceRate => {
  const msPerCost = 60_000 / costPerMinute;
  return { msPerCost, burstMs: burst * msPerCost };
};

/**
 * What a caller may still use, as the generic cell rate algorithm keeps it
 * (https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm): one instant. Each use moves the instant by the time in which
 * its cost returns. The allowance is used up when the instant is a whole burst ahead of the clock.
 */
export class Allowance {
  /** When the whole allowance has returned, in milliseconds of the caller's clock. */
  private fullAtMs = -Infinity;
  /** What was used since the last settlement, as the time in which it returns. */
  private unsettledMs = 0;

  constructor(public rate: AllowanceRate) {}

  /**
   * Takes a cost from the allowance, and gives back what was reserved for it. An allowance that is complete also covers a cost
   * that is greater: it then takes longer to return.
   * @param reserved what `take` has taken for the same operation before
   * @returns 0 if the cost was taken; otherwise the milliseconds after which to try again, and `reserved` stays taken: judging the
   *   operation was work
   */
  take(cost: number, nowMs: number, reserved = 0): number {
    const { msPerCost } = this.rate;
    const reservedMs = reserved * msPerCost;
    this.fullAtMs -= reservedMs;
    if (this.getWaitMs(cost, nowMs) > 0) {
      this.fullAtMs += reservedMs;
      // The next try needs a reservation too.
      return this.getWaitMs(Math.max(cost, reserved), nowMs);
    }
    const costMs = cost * msPerCost;
    this.fullAtMs = Math.max(nowMs, this.fullAtMs) + costMs;
    this.unsettledMs += costMs - reservedMs;
    return 0;
  }

  /** Gives back what `take` has taken. */
  giveBack(cost: number): void {
    const costMs = cost * this.rate.msPerCost;
    this.fullAtMs -= costMs;
    this.unsettledMs -= costMs;
  }

  /**
   * Takes a cost even if the allowance does not cover it, so that later uses wait for it. They wait at most for the time of two
   * bursts.
   * @returns false if part of the cost is not taken for that reason, and a whole burst was owed before
   */
  takeAnyway(cost: number, nowMs: number): boolean {
    const { msPerCost, burstMs } = this.rate;
    const costMs = cost * msPerCost;
    const debtMs = Math.max(0, this.fullAtMs - nowMs);
    const isTaken = debtMs + costMs <= 2 * burstMs;
    this.fullAtMs = nowMs + (isTaken ? debtMs + costMs : Math.max(debtMs, 2 * burstMs));
    this.unsettledMs += costMs;
    return isTaken || debtMs <= burstMs;
  }

  /**
   * Forgets what is owed beyond a whole burst. To be called before `take` if the clock can be set back: everything that was used
   * would otherwise count until the clock has caught up.
   */
  limitDebt(nowMs: number): void {
    this.fullAtMs = Math.min(this.fullAtMs, nowMs + this.rate.burstMs);
  }

  /** Returns 0 if the allowance covers a cost; otherwise the milliseconds after which it does. */
  getWaitMs(cost: number, nowMs: number): number {
    const { msPerCost, burstMs } = this.rate;
    const debtMs = this.fullAtMs - nowMs;
    if (debtMs <= 0) return 0;
    return Math.max(0, Math.min(debtMs, debtMs + cost * msPerCost - burstMs));
  }

  /** Whether more than `ratio` of a burst was taken after the allowance was used up, see {@link takeAnyway}. */
  isOverdrawn(ratio: number, nowMs: number): boolean {
    return this.fullAtMs - nowMs > (1 + ratio) * this.rate.burstMs;
  }

  /** The cost that can be used now; at least 0. */
  getRemaining(nowMs: number): number {
    const { msPerCost, burstMs } = this.rate;
    const debtMs = Math.max(0, this.fullAtMs - nowMs);
    return Math.max(0, Math.floor((burstMs - debtMs) / msPerCost));
  }

  /** Whether `ratio` of the burst was used since the last settlement. */
  hasUnsettled(ratio: number): boolean {
    return this.unsettledMs > ratio * this.rate.burstMs;
  }

  /** Returns what was used since the last settlement, as the time in which it returns, and begins anew. */
  startSettlement(): number {
    const sentMs = this.unsettledMs;
    this.unsettledMs = 0;
    return sentMs;
  }

  /**
   * Learns what all gateways together have used. What this one has used remains used in any case.
   * @param debtMs how far ahead of the clock the common instant is, in milliseconds
   */
  endSettlement(debtMs: number, nowMs: number): void {
    this.fullAtMs = Math.max(this.fullAtMs, nowMs + debtMs + this.unsettledMs);
  }
}
