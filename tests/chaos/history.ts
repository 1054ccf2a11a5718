import type { HealthStatus } from '@seguridad-abc/contracts';
import type { ServiceName } from '../harness/test-platform.js';
import type { ScheduledFault } from './fault-schedule.js';

/** Instants are milliseconds since 1970, of this machine's clock. */

/** A rule as a response, a payload or a list contains it. */
export interface RuleState {
  readonly id: string;
  readonly userId: string;
  readonly version: number;
  readonly name: string;
  readonly opening: string;
  readonly maxOpenSeconds: number | null;
  /** Whether it has hours without days: the opening may never be open. */
  readonly isNeverAllowed: boolean;
  readonly enabled: boolean;
  readonly effectiveFrom: number;
  readonly updatedAt: number;
  readonly deletedAt: number | null;
}

export interface AlarmState {
  readonly id: string;
  readonly userId: string;
  readonly ruleId: string;
  readonly kind: string;
  readonly status: string;
  readonly raisedAt: number;
  readonly clearedAt: number | null;
}

/** A command that was confirmed. */
export interface AcknowledgedCommand {
  readonly kind: 'create' | 'update' | 'delete';
  /** The idempotency key, with which the client has repeated the command until it was confirmed. */
  readonly key: string;
  /** The version before the command, as its client knew it; 0 for a new rule. */
  readonly versionBefore: number;
  readonly sentAt: number;
  readonly acknowledgedAt: number;
  readonly attempts: number;
  /** The rule in the response. */
  readonly rule: RuleState;
}

/** A reading that was confirmed. */
export interface AcknowledgedReading {
  readonly userId: string;
  readonly opening: string;
  readonly id: string;
  readonly state: 'OPEN' | 'CLOSED';
  readonly at: number;
  readonly acknowledgedAt: number;
}

export type StoredReading = Pick<AcknowledgedReading, 'userId' | 'opening' | 'id' | 'state' | 'at'>;

/** A query for one rule that carried the consistency token of a command. */
export interface RuleRead {
  readonly ruleId: string;
  readonly at: number;
  /** The version that the command had confirmed, and whether it had deleted the rule. */
  readonly knownVersion: number;
  readonly knownDeleted: boolean;
  /** The response said that it may lack changes (`extensions.staleness`). */
  readonly isStale: boolean;
  /** Null: the rule does not exist or is deleted. */
  readonly version: number | null;
}

/** A payload that a subscriber received. */
export interface ReceivedChange {
  readonly subscriber: string;
  readonly at: number;
  readonly subject:
    | { readonly type: 'rule'; readonly rule: Pick<RuleState, 'id' | 'version'> }
    | {
        readonly type: 'alarm';
        readonly alarm: Pick<AlarmState, 'id' | 'status'> & { readonly clearedAt: number | null };
      };
}

/** The observer of the transitions that the monitor has stored. Others are subscribers. */
export const STORED_HISTORY = 'the stored history';

/** A status that a subscriber received, or that the stored history contains. */
export interface HealthObservation {
  readonly observer: string;
  readonly service: string;
  readonly status: HealthStatus;
  readonly reason: string;
  readonly at: number;
}

export interface FailedRequest {
  readonly client: string;
  readonly at: number;
  /** When the request was sent. */
  readonly sentAt: number;
  /** The code of a GraphQL error, or of the connection. */
  readonly code: string;
  readonly message: string;
}

export interface InjectedFault extends ScheduledFault {
  readonly startedAt: number;
  readonly endedAt: number;
}

/** The faults of one step, and when the installation was well again. */
export interface FaultPeriod {
  readonly faults: readonly InjectedFault[];
  readonly startedAt: number;
  /** When all services were UP. Null: never, within the time limit. */
  readonly healedAt: number | null;
}

/** What a service uses while clients do nothing. */
export interface ResourceUsage {
  readonly service: ServiceName;
  /** Share of one processor. */
  readonly cpuShare: number;
  readonly memoryMb: number;
  readonly openFiles: number;
}

/** What the installation contains at the end, when all clients have stopped. */
export interface FinalState {
  /** Rules that are not deleted. */
  readonly rules: readonly RuleState[];
  readonly alarms: readonly AlarmState[];
  readonly readings: readonly StoredReading[];
  readonly statuses: Readonly<Record<string, string>>;
  /** What `npm run verify` printed, if it found a difference or failed. */
  readonly verificationProblem: string | undefined;
  readonly usageBefore: readonly ResourceUsage[];
  readonly usageAfter: readonly ResourceUsage[];
  readonly at: number;
}

/** All that happened in a run. */
export interface ChaosHistory {
  readonly seed: number;
  readonly startedAt: number;
  readonly commands: readonly AcknowledgedCommand[];
  /** Commands and readings that were never confirmed, although their clients repeated them. */
  readonly unacknowledged: readonly string[];
  readonly readings: readonly AcknowledgedReading[];
  readonly reads: readonly RuleRead[];
  readonly changes: readonly ReceivedChange[];
  readonly subscribers: readonly {
    readonly name: string;
    readonly type: 'rule' | 'alarm' | 'health';
  }[];
  readonly health: readonly HealthObservation[];
  readonly failures: readonly FailedRequest[];
  readonly periods: readonly FaultPeriod[];
  /** Faults that did not do what they should, such as a command of the nemesis that failed. */
  readonly faultProblems: readonly string[];
  readonly final: FinalState;
}
