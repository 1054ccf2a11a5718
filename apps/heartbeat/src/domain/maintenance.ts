import { toInstant } from './moment.js';

/** A service that an operator has taken out of service. */
export interface Maintenance {
  readonly service: string;
  readonly reason: string;
  /** Wall clock. */
  readonly since: number;
  /** Wall clock: when it ends by itself. */
  readonly until: number | undefined;
}

/** By the wall clock: `until` is a time that a person gave. */
export const isOver = ({ until }: Maintenance, wall: number): boolean => until !== undefined && until <= wall;

export const reasonOfMaintenance = ({ reason, until }: Maintenance): string =>
  until === undefined ? `maintenance: ${reason}` : `maintenance until ${toInstant(until)}: ${reason}`;
