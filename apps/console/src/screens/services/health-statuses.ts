import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import type { HealthStatus } from '../../api/generated';
import type { Tone } from '../../design/badge';

/** How a status is shown. */
interface HealthStatusView {
  readonly label: MessageDescriptor;
  readonly tone: Tone;
  /** The greatest one of a period stands for the period. */
  readonly rank: number;
}

export const HEALTH_STATUSES: Readonly<Record<HealthStatus, HealthStatusView>> = {
  UNKNOWN: { label: msg`Unknown`, tone: 'neutral', rank: 0 },
  UP: { label: msg`Up`, tone: 'success', rank: 1 },
  MAINTENANCE: { label: msg`Maintenance`, tone: 'info', rank: 2 },
  LATE: { label: msg`Late`, tone: 'warning', rank: 3 },
  DEGRADED: { label: msg`Degraded`, tone: 'warning', rank: 4 },
  DOWN: { label: msg`Down`, tone: 'critical', rank: 5 },
};

/** The status of two that stands for both. */
export const getWorseStatus = (a: HealthStatus, b: HealthStatus): HealthStatus =>
  HEALTH_STATUSES[b].rank > HEALTH_STATUSES[a].rank ? b : a;

/** Whether an operator has to look after a service of this status. */
export const isProblem = (status: HealthStatus): boolean =>
  HEALTH_STATUSES[status].rank >= HEALTH_STATUSES.LATE.rank;
