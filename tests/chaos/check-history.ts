import { checkAlarms } from './alarm-oracle.js';
import { checkFailures, checkHealing, checkHealth, checkRest } from './check-health.js';
import { checkReads, checkSubscribers, checkWrites } from './check-writes.js';
import type { ChaosHistory } from './history.js';

/** The checks of a run, with what a verdict table calls them. */
const CHECKS: readonly (readonly [string, (history: ChaosHistory) => string[]])[] = [
  ['every confirmed write is stored exactly once', checkWrites],
  ['a query with a consistency token sees the command', checkReads],
  ['subscribers see every change once, in order', checkSubscribers],
  ['alarms equal the oracle', checkAlarms],
  ['the read model equals the event log', checkVerification],
  ['health reports every outage and its end, and nothing else', checkHealth],
  ['every fault heals by itself', checkHealing],
  ['requests fail only while a fault explains it', checkFailures],
  ['memory, processor and files are back to rest', checkRest],
];

export interface CheckResult {
  readonly name: string;
  /** What must not happen, and did. */
  readonly violations: readonly string[];
}

/** Checks the whole history of a run. */
export const checkHistory = (history: ChaosHistory): CheckResult[] =>
  CHECKS.map(([name, check]) => ({ name, violations: check(history) }));

function checkVerification({ final }: ChaosHistory): string[] {
  return final.verificationProblem === undefined ? [] : [final.verificationProblem];
}
